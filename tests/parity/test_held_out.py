"""Rows that checks are tried on are none that they were made of, whatever a source does."""

import threading
import time
from pathlib import Path

import pyarrow as pa
import pytest

from tests.parity.held_out import others_of
from tests.parity.work import watched
from tests.profiling.conftest import options
from worker.counting.check import Check
from worker.profiling.dqx import Dqx
from worker.profiling.evidence import gather_evidence
from worker.profiling.results import Evidence, Trial
from worker.sampling.draw_rows import Outgrown, fetch_drawn
from worker.sampling.random_rows import facts_of
from worker.sampling.sample import Sample, in_spark, sample_of
from worker.sampling.sample_facts import Sampling
from worker.spark.engines.local import LocalEngine
from worker.tables.table_types import CatalogTable
from worker.workspace.clients import dqx_client
from worker.workspace.options import WorkspaceOptions

pytestmark = pytest.mark.usefixtures("cheaper")

ROWS, LIMIT = 6_000, 1_000
MANY_BYTES, FEW_BYTES = 10**8, 10
TABLE = CatalogTable(("t",))
ID = [
    Trial(
        "id",
        Check("is_in_range", {"column": "id", "min_limit": 0, "max_limit": ROWS}, "r", "error"),
    )
]

SHUFFLED = "SELECT id FROM range({rows}) ORDER BY xxhash64(id, unix_micros(current_timestamp()))"
"""Each read returns the rows in another order."""
NUMBERED = f"SELECT id, row_number() OVER (ORDER BY id % 7) AS number FROM ({SHUFFLED})"
STABLE = "SELECT id FROM range({rows})"
UNKEPT = ", st_geomfromwkb(X'0101000000000000000000F03F0000000000000040') AS place FROM"
"""A type that only stock DQX counts, and that Spark does not keep."""
KEPT = ", CAST(id AS STRING) COLLATE UTF8_LCASE AS place FROM"
"""A type that only stock DQX counts."""
PLACE = Trial("place", Check("is_not_null", {"column": "place"}, "n", "error"))


def drawn(
    engine: LocalEngine, query: str, sampling: Sampling, sample_bytes: int, limit: int = LIMIT
) -> Sample:
    frame = engine.session.sql(query.format(rows=ROWS))
    chosen = options(
        Path("/"),
        sampling=sampling,
        sample_fraction=0.3,
        sample_limit=limit,
        sample_bytes=sample_bytes,
    )
    return sample_of(engine, TABLE, frame, chosen)


def ids(rows: pa.Table | None) -> set[int]:
    assert rows is not None
    found = rows.column("id").to_pylist()
    assert len(found) == len(set(found)) > 0
    return set(found)


@pytest.mark.parametrize("sample_bytes", [MANY_BYTES, FEW_BYTES])
@pytest.mark.parametrize("query", [SHUFFLED, NUMBERED])
def test_random_rows_are_taken_or_kept_in_one_read(
    engine: LocalEngine, query: str, sample_bytes: int
) -> None:
    sample = drawn(engine, query, Sampling.REPRESENTATIVE, sample_bytes)
    assert (sample.rows is None) == (sample_bytes == FEW_BYTES)
    looked_at = ids(sample.frame.toArrow() if sample.rows is None else sample.rows)
    others = ids(others_of(sample))
    assert len(looked_at) == sample.facts.rows
    assert sample.facts.of_rows == ROWS
    assert looked_at.isdisjoint(others)
    # Drawn again, the same.
    assert ids(others_of(sample)) == others
    (evidence,) = gather_evidence(sample, ID, sample_bytes)
    assert evidence.looked_at
    assert evidence.others
    assert evidence.looked_at.rows == len(looked_at)
    assert evidence.others.rows == len(others)
    sample.release()


@pytest.mark.parametrize("sample_bytes", [MANY_BYTES, FEW_BYTES])
@pytest.mark.parametrize("query", [STABLE, SHUFFLED])
def test_stock_rows_are_drawn_once_more_beside_the_others(
    engine: LocalEngine, query: str, sample_bytes: int
) -> None:
    sample = drawn(engine, query, Sampling.STOCK, sample_bytes)
    (evidence,) = gather_evidence(sample, ID, sample_bytes)
    assert evidence.looked_at
    assert evidence.looked_at.rows == sample.facts.rows == LIMIT
    assert evidence.changed == (query == SHUFFLED)
    assert (evidence.others is None) == evidence.changed
    sample.release()


@pytest.mark.parametrize("sampling", [Sampling.STOCK, Sampling.REPRESENTATIVE])
@pytest.mark.parametrize("query", [STABLE, SHUFFLED])
def test_rows_that_spark_cannot_keep(engine: LocalEngine, query: str, sampling: Sampling) -> None:
    sample = drawn(engine, query.replace(" FROM", UNKEPT, 1), sampling, FEW_BYTES)
    assert sample.kept is sample.rows is None
    with watched(engine.session) as work:
        (evidence,) = gather_evidence(sample, ID, FEW_BYTES)
    assert work.actions == 1
    if query == SHUFFLED:
        assert evidence == Evidence(changed=True)
    else:
        assert evidence.looked_at
        assert evidence.looked_at.rows == sample.facts.rows
        assert evidence.others


@pytest.mark.parametrize("sampling", [Sampling.STOCK, Sampling.REPRESENTATIVE])
@pytest.mark.parametrize("query", [STABLE, SHUFFLED])
def test_columns_that_spark_cannot_keep_beside_those_that_are_fetched(
    engine: LocalEngine, query: str, sampling: Sampling
) -> None:
    sample = drawn(engine, query.replace(" FROM", UNKEPT, 1), sampling, MANY_BYTES)
    assert sample.kept is None
    assert sample.rows is not None
    assert sample.rows.column_names == ["id"]
    of_id, of_place = gather_evidence(sample, [*ID, PLACE], MANY_BYTES)
    assert of_id.looked_at
    assert of_id.looked_at.rows == sample.rows.num_rows == sample.facts.rows
    if query == SHUFFLED:
        assert of_id == Evidence(of_id.looked_at, changed=True)
        assert of_place == Evidence(changed=True)
    else:
        assert of_place.looked_at == of_id.looked_at
        assert of_place.others == of_id.others
        assert of_id.others
        assert of_id.others.rows > LIMIT / 2


@pytest.mark.parametrize("sampling", [Sampling.STOCK, Sampling.REPRESENTATIVE])
def test_columns_of_the_rows_that_are_fetched_are_kept(
    engine: LocalEngine, sampling: Sampling
) -> None:
    sample = drawn(engine, SHUFFLED.replace(" FROM", KEPT, 1), sampling, MANY_BYTES)
    assert sample.kept is not None
    fetched = ids(sample.rows)
    assert {int(one) for one in sample.frame.toArrow()["place"].to_pylist()} == fetched
    assert len(fetched) == sample.facts.rows
    evidence = gather_evidence(sample, [*ID, PLACE], MANY_BYTES)
    assert {one.looked_at.rows for one in evidence if one.looked_at} == {sample.facts.rows}
    if sampling is Sampling.REPRESENTATIVE:
        assert ids(others_of(sample)).isdisjoint(fetched)
        assert all(one.others and one.others.rows > LIMIT / 2 for one in evidence)
    else:
        assert all(one.changed and one.others is None for one in evidence)
    sample.release()


def test_an_odd_column_that_raises_costs_no_other_its_rows(engine: LocalEngine) -> None:
    raising = ", CAST(raise_error('odd') AS STRING) COLLATE UTF8_LCASE AS place FROM"
    query = STABLE.replace(" FROM", raising, 1)
    sample = drawn(engine, query, Sampling.REPRESENTATIVE, MANY_BYTES)
    assert sample.kept is None
    (evidence,) = gather_evidence(sample, ID, MANY_BYTES)
    assert evidence.looked_at
    assert evidence.others


@pytest.mark.parametrize("grows", [False, True])
def test_rules_of_a_further_draw_are_known(engine: LocalEngine, *, grows: bool) -> None:
    """A column that Spark cannot keep is read again, and the table may have grown meanwhile."""
    query = STABLE.replace(" FROM", UNKEPT, 1)
    if grows:
        # Fast enough for each read to find more rows, and slow enough for a limit not to cut them.
        now = int(time.time() * 1000)
        grown = f"{ROWS} + (unix_millis(current_timestamp()) - {now}) / 8"
        query = f"SELECT id {UNKEPT} range(3000000) WHERE id < {grown}"
    sample = drawn(engine, query, Sampling.REPRESENTATIVE, MANY_BYTES, limit=2 * LIMIT)
    found = Dqx(dqx_client(WorkspaceOptions()), engine).profile(sample, threading.Event())

    by_column = {one.column: one.redrawn for one in found.candidates}
    assert by_column == {"id": False, "place": grows}


@pytest.mark.parametrize("sampling", [Sampling.STOCK, Sampling.REPRESENTATIVE])
def test_a_table_that_grows_is_counted_in_the_read_that_draws(
    engine: LocalEngine, sampling: Sampling
) -> None:
    """It has a row more each millisecond, and each row says how many there are in its read."""
    now = int(time.time() * 1000)
    grown = f"{ROWS} + (unix_millis(current_timestamp()) - {now})"
    query = f"SELECT id, {grown} AS all_rows FROM range(3000000) WHERE id < {grown}"
    sample = drawn(engine, query, sampling, MANY_BYTES)
    assert sample.rows
    assert set(sample.rows["all_rows"].to_pylist()) == {sample.facts.of_rows}
    if sampling is Sampling.REPRESENTATIVE:
        assert ids(sample.rows).isdisjoint(ids(others_of(sample)))


@pytest.mark.parametrize("rows", [LIMIT - 1, LIMIT + 1])
def test_a_whole_table_is_as_large_as_what_was_read(engine: LocalEngine, rows: int) -> None:
    chosen = options(Path("/"), sampling=Sampling.REPRESENTATIVE, sample_limit=LIMIT)
    counted = facts_of(LIMIT - 5, chosen, of_all=True)
    frame = engine.session.range(rows)
    if rows > LIMIT:
        with pytest.raises(Outgrown) as outgrown:
            fetch_drawn(engine.kind, frame, counted, MANY_BYTES, known=False)
        assert outgrown.value.of_rows == rows
    else:
        found = fetch_drawn(engine.kind, frame, counted, MANY_BYTES, known=False)
        assert found is not None
        assert found.facts.rows == found.facts.of_rows == rows


@pytest.mark.parametrize("sampling", [Sampling.STOCK, Sampling.REPRESENTATIVE])
def test_a_table_of_few_different_rows_has_others_too(
    engine: LocalEngine, sampling: Sampling
) -> None:
    sample = drawn(engine, "SELECT id % 3 AS id FROM range({rows})", sampling, MANY_BYTES)
    (evidence,) = gather_evidence(sample, ID, MANY_BYTES)
    assert evidence.others
    assert evidence.others.rows > LIMIT / 2


def test_stock_dqx_gets_the_very_rows_that_were_fetched(engine: LocalEngine) -> None:
    sample = drawn(engine, SHUFFLED, Sampling.REPRESENTATIVE, MANY_BYTES)
    assert in_spark(sample).toArrow() == sample.rows
    assert in_spark(sample).rdd.getNumPartitions() == 1
