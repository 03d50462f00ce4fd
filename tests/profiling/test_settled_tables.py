"""A table that grows by one per cent brings back what rows call for, and nothing else."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.sandbox.accept_suggestions import accept, reject
from deploy.sandbox.backend import Backend
from deploy.sandbox.sample_contracts import Contract, Schema
from tests.attempt.conftest import attempts, taken
from tests.profiling.conftest import options
from tests.support.contracts import write_parquet
from tests.support.runs import dqx_name, row, suggestions
from worker.database.pool import Database
from worker.profiling.profiler import Profiler
from worker.sampling.sample_facts import Sampling

pytestmark = pytest.mark.anyio

ROWS = 3_000
FIRST_DAY, FIRST_MOMENT = date(2020, 1, 1), datetime(2024, 1, 1, tzinfo=UTC)
GROWING = {"id_isnt_in_range", "day_isnt_in_range", "at_isnt_in_range", "local_isnt_in_range"}
OTHERS = {"price_isnt_in_range", "total_isnt_in_range", "region_other_value"}
REASONS = {
    "the contract has it",
    "the contract has such a rule with other values, and no row calls for new ones",
    "such a rule was rejected before, and its subject has hardly changed",
    "it was rejected before",
}
FLAGS = re.compile(r"The accepted rule flags (\S+) of [\d,]+ rows looked at(?: and (\S+) of)?")


@dataclass(frozen=True, slots=True)
class Orders:
    """A table, its contract, and a worker that profiles it."""

    backend: Backend
    database: Database
    profiler: Profiler
    path: Path

    def write(self, rows: int) -> None:
        """Write the table: later rows have greater ids, and are younger."""
        moments = [FIRST_MOMENT + timedelta(hours=5 * one) for one in range(rows)]
        write_parquet(
            self.path,
            id=list(range(1, rows + 1)),
            day=[FIRST_DAY + timedelta(days=one // 3) for one in range(rows)],
            at=moments,
            local=[one.replace(tzinfo=None) for one in moments],
            price=[(one * 7919 % 1_000) / 8 for one in range(rows)],
            # Of a heavy tail: DQX cuts it at outliers, and cuts it elsewhere with more rows.
            total=[round(1.02 ** (one * 7919 % 401), 2) for one in range(rows)],
            region=[("EU", "US", "ASIA")[one % 3] for one in range(rows)],
        )

    async def profiled(self) -> tuple[Mapping[str, Mapping[str, Any]], Mapping[str, str]]:
        """Profile the table; return the suggestions, and what is held back."""
        run_id = await self.backend.request("c", ["orders"])
        await attempts(self.profiler).work(await taken(self.database))
        run = await row(self.backend, run_id)
        assert run["status"] == "completed", run["error_message"]
        found = {dqx_name(one): one for one in await suggestions(self.backend, run_id)}
        held_back = json.loads(run["summary_stats"])["tables"]["orders"]["held_back"]
        return found, held_back


@pytest.fixture(params=[5_000, 1_000], ids=["whole", "drawn"])
async def orders(
    backend: Backend,
    database: Database,
    profiler: Profiler,
    tables_folder: Path,
    request: pytest.FixtureRequest,
) -> Orders:
    limit: int = request.param
    path = tables_folder / f"orders_{limit}.parquet"
    await backend.add_contract(Contract("c", "c", (Schema("orders", str(path), "", ()),)))
    chosen = options(tables_folder, sampling=Sampling.REPRESENTATIVE, sample_limit=limit)
    own = Profiler(chosen, profiler._engine, profiler._dqx_of_session)
    return Orders(backend, database, own, path)


def broken(suggestion: Mapping[str, Any]) -> bool:
    """Return whether a suggestion says that it changes an accepted rule, and that rows break it."""
    assert suggestion["rationale"].startswith("Changes the accepted rule: ")
    flags = FLAGS.search(suggestion["rationale"])
    assert flags
    return any(number not in {None, "none"} for number in flags.groups())


async def test_only_what_rows_break_comes_back_and_not_once_it_was_rejected(
    orders: Orders, request: pytest.FixtureRequest
) -> None:
    orders.write(ROWS)
    first, _ = await orders.profiled()
    assert first.keys() >= GROWING | OTHERS
    await accept(orders.backend, [one["id"] for one in first.values()])
    again, held_back = await orders.profiled()
    assert (again, held_back.keys()) == ({}, first.keys())

    orders.write(ROWS + ROWS // 100)
    changes, held_back = await orders.profiled()
    assert set(held_back.values()) <= REASONS
    assert changes.keys() | held_back.keys() == first.keys()
    assert all(map(broken, changes.values()))
    assert changes.keys() <= GROWING
    if "whole" in request.node.name:
        assert changes.keys() == GROWING
        said = changes["id_isnt_in_range"]["rationale"]
        assert "id from 1 to 3000. The accepted rule flags 30 of 3,030 rows looked at. " in said

    await reject(orders.backend, [one["id"] for one in changes.values()])
    for rows in (ROWS + ROWS // 100, ROWS + ROWS // 50):
        orders.write(rows)
        again, held_back = await orders.profiled()
        assert again.keys().isdisjoint(changes.keys())
        assert all(map(broken, again.values()))
        assert set(held_back.values()) <= REASONS
