"""`python -m tests.snippets`: the TypeScript of docs/backend.md, compiled and run beside a worker.

It needs Node.js with npm; npm fetches the packages below into a temporary folder.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread

from deploy.sandbox.postgres import Postgres
from tests.snippets.code_blocks import only
from tests.snippets.contract import CONTRACT
from tests.support.stand_in_workers import StandInSite

_PACKAGES = ("pg@8.23.1", "@types/pg@8.23.1", "@types/node@20.19.43", "typescript@5.9.3")
_COMPILE = ("--strict", "--noUnusedLocals", "--target", "es2022", "--module", "nodenext")
_CALLS = """
import { profile } from "./profile.js";
const ended = [];
for (const [schemas, seconds] of [[["orders"], 60], [["orders", "broken"], 60], [["endless"], 1]]) {
  const { status, error_message, suggestions } = await profile("sales", schemas, seconds);
  ended.push([status, error_message, suggestions.length]);
}
console.log(JSON.stringify(ended));
"""
_EXPECTED = [
    ["completed", None, 4],
    ["failed", "Failed to profile 1 of 2 schemas: broken: stand_in.fails can't be profiled", 4],
    ["failed", "Cancelled after 1 s", 0],
]
_TIMEOUT = 300


async def main() -> int:
    """Return 0 if the code compiles and does what the page says."""
    if missing := [name for name in ("node", "npm") if shutil.which(name) is None]:
        print(
            f"{' and '.join(missing)} not found: the TypeScript of docs/backend.md is compiled and "
            "run with Node.js 18 or newer and npm. Install Node.js, then try again.",
            file=sys.stderr,
        )
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        await anyio.to_thread.run_sync(_build, folder / "client")
        with Postgres.running(folder / "postgres") as server:
            site = await StandInSite.made(server, folder, "snippets")
            await site.backend.add_contract(CONTRACT)
            with site.worker():
                address = {"DATABASE_URL": site.backend.owner.url}
                ended = await anyio.to_thread.run_sync(_call, folder / "client", address)
    for status, message, suggestions in ended:
        print(f"{status}, {suggestions} suggestions{f': {message}' if message else ''}")
    if ended != _EXPECTED:
        print(f"The runs should have ended as {_EXPECTED}", file=sys.stderr)
        return 1
    return 0


def _build(folder: Path) -> None:
    folder.mkdir()
    (folder / "package.json").write_text(json.dumps({"private": True, "type": "module"}))
    (folder / "profile.ts").write_text(only("ts"))
    (folder / "calls.js").write_text(_CALLS)
    print(f"Installing {', '.join(_PACKAGES)}")
    quiet = ("--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error")
    _run(folder, "npm", "install", "--save-exact", *quiet, *_PACKAGES)
    _run(folder, "node", "node_modules/typescript/bin/tsc", *_COMPILE, "profile.ts")


def _call(folder: Path, variables: dict[str, str]) -> list[list[Any]]:
    ended: list[list[Any]] = json.loads(_run(folder, "node", "calls.js", **variables))
    return ended


def _run(folder: Path, *command: str, **variables: str) -> str:
    """Run a command and return what it prints; show that if it fails."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        text=True,
        timeout=_TIMEOUT,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(anyio.run(main))
