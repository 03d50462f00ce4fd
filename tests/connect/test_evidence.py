"""Names, odd columns and held-out rows of tables that a remote session reads."""

from collections.abc import AsyncIterator, Sequence

import pyarrow as pa
import pytest

from tests.connect.conftest import opened, session
from tests.connect.server import ConnectServer
from tests.parity.held_out import others_of
from worker.counting.check import Check
from worker.profiling.profiler import Profiler
from worker.profiling.results import Evidence, TableProfile, Trial
from worker.sampling.sample import Sample
from worker.sampling.sample_facts import Counting, Sampling

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

ROWS, LIMIT = 6_000, 1_000
MANY_BYTES, FEW_BYTES = 10**8, 10
SHUFFLED = f"SELECT id FROM range({ROWS}) ORDER BY xxhash64(id, unix_micros(current_timestamp()))"
"""Each read returns the rows in another order."""
VIEWS = {
    "shuffled": SHUFFLED,
    "numbered": f"SELECT id, row_number() OVER (ORDER BY id % 7) AS number FROM ({SHUFFLED})",
    "odd": "SELECT id AS `order.id`, id % 3 AS `back``quote`, "
    "CAST(id AS STRING) COLLATE UTF8_LCASE AS extra, "
    "named_struct('day', DATE'2020-01-01') AS nested, timestamp_ntz'2020-01-01' AS moment "
    "FROM range(50)",
}
HELD = [
    Trial("id", Check("is_in_range", {"column": "id", "min_limit": 0, "max_limit": ROWS}, "r", "e"))
]


@pytest.fixture(scope="module", autouse=True)
def views(connect_server: ConnectServer) -> None:
    with session(connect_server.url) as spark:
        for name, query in VIEWS.items():
            spark.sql(f"CREATE OR REPLACE VIEW shop.{name} AS {query}")


@pytest.fixture(name="random")
async def _random(
    connect_server: ConnectServer, request: pytest.FixtureRequest
) -> AsyncIterator[Profiler]:
    """A profiler that draws random rows and may hold so many bytes."""
    held = {"sample_limit": LIMIT, "sample_bytes": request.param}
    async with opened(connect_server, sampling=Sampling.REPRESENTATIVE, **held) as profiler:
        yield profiler


async def profiled(profiler: Profiler, name: str) -> TableProfile:
    async with profiler.sample(f"shop.{name}", "t") as sample:
        return await profiler.profile(sample, "t")


def ids(rows: pa.Table | None) -> Sequence[int]:
    assert rows is not None
    found: list[int] = rows.column("id").to_pylist()
    return found


@pytest.mark.parametrize("view", ["shuffled", "numbered"])
@pytest.mark.parametrize("random", [MANY_BYTES], indirect=True)
async def test_random_rows_and_others_are_taken_in_one_read(random: Profiler, view: str) -> None:
    async with random.sample(f"shop.{view}", "t") as sample:
        looked_at, others = ids(sample.rows), ids(others_of(sample))
        (evidence,) = await random.gather_evidence(sample, HELD, "t")
    assert len(looked_at) == sample.facts.rows > 0
    assert sample.facts.of_rows == ROWS
    assert set(looked_at).isdisjoint(others)
    assert evidence.others
    assert evidence.others.rows == len(others) > 0


@pytest.mark.parametrize("random", [FEW_BYTES], indirect=True)
async def test_rows_that_stay_on_the_server_are_the_same_ones_or_not_tried(
    random: Profiler,
) -> None:
    async with random.sample("shop.shuffled", "t") as sample:
        assert sample.rows is None
        (evidence,) = await random.gather_evidence(sample, HELD, "t")
    if sample.kept is None:
        assert evidence == Evidence(changed=True)
    else:
        assert evidence.looked_at
        assert evidence.looked_at.rows == sample.facts.rows


async def test_rows_drawn_as_stock_does_are_compared_with_those_drawn_again(
    profiler: Profiler,
) -> None:
    async def evidence_of(sample: Sample) -> Evidence:
        (evidence,) = await profiler.gather_evidence(sample, HELD, "t")
        return evidence

    async with profiler.sample("shop.shuffled", "t") as sample:
        evidence = await evidence_of(sample)
    assert (evidence.changed, evidence.others) == (True, None)


async def test_names_types_and_an_odd_column_of_a_remote_table(profiler: Profiler) -> None:
    profile = await profiled(profiler, "odd")
    assert profile.counted.by is Counting.FETCHED
    assert set(profile.counted.stock_columns) == {"extra"}
    assert not profile.skipped_columns
    assert {"`order.id`", "`back``quote`", "nested.day", "moment"} <= set(profile.statistics)
    columns = {one.column for one in profile.candidates}
    assert {"`order.id`", "nested.day", "moment"} <= columns, columns
