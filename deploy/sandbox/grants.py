"""The rights of the worker's role: deploy/postgres/grants.sql, applied with psql."""

from pathlib import Path

import anyio

from deploy.sandbox.database_login import Login

__all__ = ["GRANTS", "apply_grants"]

GRANTS = Path(__file__).parents[1] / "postgres" / "grants.sql"


async def apply_grants(psql: Path, owner: Login, file: Path = GRANTS, **variables: str) -> None:
    """Apply `file` as the owner of the backend's tables, with variables other than its defaults.

    Raises `CalledProcessError`; psql has said why on stderr.
    """
    await anyio.run_process(
        [
            psql,
            *("--no-psqlrc", "--no-password", "--quiet"),
            f"--host={owner.host}",
            f"--port={owner.port}",
            f"--dbname={owner.database}",
            f"--username={owner.user}",
            *(f"--set={name}={value}" for name, value in variables.items()),
            f"--file={file}",
        ],
        env={"PGPASSWORD": owner.password},
        stderr=None,
    )
