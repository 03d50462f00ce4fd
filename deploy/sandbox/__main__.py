"""`python -m deploy.sandbox demo|play|stop|add FILE`, as the Makefile calls it."""

import sys
from functools import partial
from pathlib import Path

import anyio

from deploy.sandbox.demo import demo
from deploy.sandbox.lasting_sandbox import play, stop
from deploy.sandbox.logged_programs import ProgramFailed
from deploy.sandbox.own_file import add

_HOME = Path(__file__).resolve().parents[2] / ".sandbox"
_COMMANDS = {"demo": demo, "play": play, "stop": stop}

if __name__ == "__main__":
    match sys.argv[1:]:
        case ["add", file]:
            command = partial(add, _HOME, Path(file))
        case [name] if name in _COMMANDS:
            command = partial(_COMMANDS[name], _HOME)
        case _:
            sys.exit(f"usage: python -m deploy.sandbox {'|'.join(_COMMANDS)}|add FILE")
    try:
        sys.exit(anyio.run(command))
    except ProgramFailed as error:
        sys.exit(str(error))
