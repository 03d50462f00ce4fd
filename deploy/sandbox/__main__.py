"""`python -m deploy.sandbox demo|play|stop`, as the Makefile calls it."""

import sys
from pathlib import Path

import anyio

from deploy.sandbox.demo import demo
from deploy.sandbox.play import play, stop

_HOME = Path(__file__).resolve().parents[2] / ".sandbox"
_COMMANDS = {"demo": demo, "play": play, "stop": stop}

if __name__ == "__main__":
    command = _COMMANDS.get(" ".join(sys.argv[1:]))
    if command is None:
        sys.exit(f"usage: python -m deploy.sandbox {'|'.join(_COMMANDS)}")
    sys.exit(anyio.run(command, _HOME))
