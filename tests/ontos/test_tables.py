"""The sandbox's tables are those of Ontos.

`catalogue.txt` lists what Postgres says of the real ones. It was made from a database that Ontos
itself had created, not from the sandbox.
"""

import re
from pathlib import Path

import pytest

from deploy.sandbox.backend import Backend, create_backend
from deploy.sandbox.postgres import Postgres

pytestmark = pytest.mark.anyio

_HERE = Path(__file__).parent
ONTOS = _HERE.joinpath("catalogue.txt").read_text().splitlines()
CATALOGUE = _HERE.joinpath("catalogue.sql").read_text()

# What Ontos of December 2025 lacks.
LACKING = re.compile(
    r"\w+\.stable_id |data_contracts\.(version_family_id|draft_owner_id|publication_scope"
    r"|published_\w+|certification_\w+|inherited_certification_\w+|certified_\w+|maturity_\w+) "
)
NOT_INDEXED = re.compile(r"(data_contract_quality_checks\.\w+ .*) INDEX")


async def catalogue(backend: Backend) -> list[str]:
    async with backend.connection() as owner:
        return [row["line"] for row in await owner.fetch(CATALOGUE)]


async def test_the_sandbox_has_the_tables_of_ontos(backend: Backend) -> None:
    assert await catalogue(backend) == ONTOS


async def test_the_older_tables_lack_what_the_older_ontos_lacks(server: Postgres) -> None:
    older = await create_backend(server, "older_tables", older=True)
    expected = [NOT_INDEXED.sub(r"\1", line) for line in ONTOS if LACKING.match(line) is None]
    assert await catalogue(older) == expected


async def test_no_column_but_time_stamps_has_a_default() -> None:
    """The list itself is right: Ontos fills its defaults in Python."""
    with_default = [line.partition(" ")[0] for line in ONTOS if " DEFAULT " in line]
    assert with_default == [
        "data_contracts.created_at",
        "data_contracts.updated_at",
        "data_profiling_runs.started_at",
        "suggested_quality_checks.created_at",
    ]
