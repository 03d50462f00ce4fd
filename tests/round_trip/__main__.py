"""`python -m tests.round_trip`: prints docs/figures/round-trip.md."""

import tempfile
from pathlib import Path

import anyio

from deploy.sandbox.backend import create_backend
from deploy.sandbox.postgres import Postgres
from tests.round_trip.accept_and_export import CONTRACT, travel
from tests.round_trip.cases import CASES
from tests.round_trip.results_page import page
from tests.support.options import database_options, password_of
from worker.database.migrate import migrate
from worker.database.pool import Database
from worker.telemetry.logs import LogFormat, LogLevel, configure_logs


async def main() -> None:
    with tempfile.TemporaryDirectory() as home, Postgres.running(Path(home)) as server:
        backend = await create_backend(server, "round_trip")
        options, password = database_options(backend.worker), password_of(backend.worker)
        await migrate(options, password)
        await backend.add_contract(CONTRACT)
        async with Database.open(options, password) as database:
            print(page(await travel(backend, database, list(CASES.values()))), end="")


if __name__ == "__main__":
    configure_logs(LogFormat.JSON, level=LogLevel.ERROR)
    anyio.run(main)
