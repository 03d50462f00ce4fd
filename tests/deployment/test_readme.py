"""The commands of the README that point the worker at a database, run as they are written."""

import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import anyio.to_thread
import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.database_login import Login
from deploy.sandbox.postgres import Postgres

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
ROLE = "role_of_readme"
DOCTOR = "dqx-worker doctor"


def blocks() -> list[str]:
    """Return the commands of the section: the variables, then what to run."""
    text = (ROOT / "README.md").read_text("utf-8")
    section = text.partition("\n## Point it at a database\n")[2].partition("\n## ")[0]
    return re.findall(r"(?:^    .+\n)+", section, re.MULTILINE)


def here(text: str, owner: Login, roots: Path) -> str:
    """Return the text with the places and the role of this test."""
    for written, used in {
        "postgresql://ontos:secret@db.example:5432/ontos": url(owner),
        "POSTGRES_HOST=db.example": f"POSTGRES_HOST={owner.host}",
        "POSTGRES_PORT=5432": f"POSTGRES_PORT={owner.port}",
        "POSTGRES_DB=ontos": f"POSTGRES_DB={owner.database}",
        "POSTGRES_USER=dqx_worker": f"POSTGRES_USER={ROLE}",
        "ROOTS=/data": f"ROOTS={roots}",
    }.items():
        assert written in text
        text = text.replace(written, used)
    return text


def url(login: Login) -> str:
    return f"postgresql://{login.user}:{login.password}@{login.host}:{login.port}/{login.database}"


@pytest.fixture
async def admin(server: Postgres, backend: Backend) -> AsyncIterator[Login]:
    """The superuser in the backend's database; the role is gone in the end."""
    login = replace(server.admin, database=backend.owner.database)
    yield login
    connection = await login.connect()
    try:
        await connection.execute(f"DROP OWNED BY {ROLE}; DROP ROLE {ROLE}")
    finally:
        await connection.close()


async def test_the_commands_work_as_they_are_written(
    server: Postgres, backend: Backend, admin: Login, tmp_path: Path
) -> None:
    variables, commands = blocks()
    install, create, grant, migrate, doctor, run = (
        line.partition("   #")[0].strip() for line in commands.splitlines()
    )
    assert (install, doctor, run) == ("pip install '.[local]'", DOCTOR, "dqx-worker run")
    script = [
        here(variables, backend.owner, tmp_path),
        # Here the owner may create no roles, and other tests have a role of the name.
        f'(DB="{url(admin)}"; {create.replace("dqx_worker", ROLE)})',
        f"{grant} --set=role={ROLE}",
        migrate,
        f"{DOCTOR} --no-engine",
    ]
    programs = [Path(sys.executable).parent, server.binaries, os.environ["PATH"]]
    done = await anyio.to_thread.run_sync(
        lambda: subprocess.run(
            ["bash", "-eu"],
            input="\n".join(script),
            env={"PATH": ":".join(map(str, programs)), "HOME": str(tmp_path)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✓ write" in done.stdout
