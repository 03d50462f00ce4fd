"""What is at hand for the judge: the rows that the trials fetch, or a part of those in Spark."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pytest

from tests.parity.work import watched
from tests.profiling.conftest import options
from worker.counting.check import Check
from worker.profiling.evidence import gather_evidence
from worker.profiling.results import Trial
from worker.sampling.rows_at_hand import RowsAtHand, fetch_rows
from worker.sampling.sample import Sample, sample_of
from worker.sampling.sample_facts import Sampling
from worker.spark.engines.local import LocalEngine
from worker.tables.table_types import CatalogTable

ROWS, LIMIT = 6_000, 1_000
MANY_BYTES, FEW_BYTES = 10**8, 10
ID = [Trial("id", Check("is_not_null", {"column": "id"}, "n", "error"))]
STABLE = """
    SELECT id, concat('t', id % 7) AS text, id / 2 AS `a.b`,
        named_struct('zip', id % 9, 'in', named_struct('x', id)) AS place
    FROM range({rows})
"""
SHUFFLED = "SELECT id FROM range({rows}) ORDER BY xxhash64(id, unix_micros(current_timestamp()))"


def drawn(
    engine: LocalEngine, query: str, sampling: Sampling, sample_bytes: int, limit: int = LIMIT
) -> Sample:
    chosen = options(
        Path("/"),
        sampling=sampling,
        sample_fraction=0.3,
        sample_limit=limit,
        sample_bytes=sample_bytes,
    )
    frame = engine.session.sql(query.format(rows=ROWS))
    return sample_of(engine, CatalogTable(("t",)), frame, chosen)


def columns(found: RowsAtHand) -> Mapping[str, pa.Array]:
    return dict(found.columns())


@pytest.mark.parametrize(
    ("sampling", "actions"), [(Sampling.STOCK, 1), (Sampling.REPRESENTATIVE, 0)]
)
def test_rows_and_others_are_at_hand_without_a_further_action(
    engine: LocalEngine, sampling: Sampling, actions: int
) -> None:
    sample = drawn(engine, STABLE, sampling, MANY_BYTES)
    with watched(engine.session) as work:
        found = fetch_rows(sample, MANY_BYTES)
        (evidence,) = gather_evidence(found.sample, ID, MANY_BYTES)
    assert work.actions == actions
    assert evidence.looked_at
    assert evidence.others
    assert found.rows
    assert found.others
    assert (found.rows.num_rows, found.others.num_rows) == (
        evidence.looked_at.rows,
        evidence.others.rows,
    )
    values = columns(found)
    assert list(values) == ["id", "text", "`a.b`", "place.zip", "place.in.x"]
    ids = values["id"].to_pylist()
    assert ids[: found.rows.num_rows] == found.rows["id"].to_pylist()
    assert len(set(ids)) == len(ids) == found.rows.num_rows + found.others.num_rows
    assert values["place.in.x"].to_pylist() == ids
    assert values["place.zip"].to_pylist() == [one % 9 for one in ids]


def test_others_of_a_table_that_changes_are_not_at_hand(engine: LocalEngine) -> None:
    sample = drawn(engine, SHUFFLED, Sampling.STOCK, MANY_BYTES)
    with watched(engine.session) as work:
        found = fetch_rows(sample, MANY_BYTES)
        (evidence,) = gather_evidence(found.sample, ID, MANY_BYTES)
    assert work.actions == 1
    assert evidence.changed
    assert evidence.looked_at
    assert evidence.others is None
    assert len(columns(found)["id"]) == LIMIT


def test_others_that_are_too_large_are_counted_in_spark(engine: LocalEngine) -> None:
    large = "SELECT id, if(id % 100 = 99, repeat('x', 20000), 'x') AS text FROM range({rows})"
    sample = drawn(engine, large, Sampling.STOCK, 10 * LIMIT * 100, LIMIT)
    assert sample.rows is not None
    found = fetch_rows(sample, 100_000)
    assert found.others is None
    with watched(engine.session) as work:
        (evidence,) = gather_evidence(found.sample, ID, 100_000)
    assert work.actions == 1
    assert evidence.others
    assert evidence.others.rows


@pytest.mark.parametrize("limit", [0, 5_500])
def test_of_a_sample_in_spark_a_random_part_is_fetched_in_one_action(
    engine: LocalEngine, limit: int
) -> None:
    sample = drawn(engine, STABLE, Sampling.REPRESENTATIVE, FEW_BYTES, limit or ROWS)
    assert sample.rows is None
    with watched(engine.session) as work:
        found = fetch_rows(sample, MANY_BYTES)
    assert work.actions == 1
    assert found.others is None
    ids = columns(found)["id"].to_pylist()
    assert 4_000 < len(set(ids)) == len(ids) <= 5_000
    # From all over the table.
    assert sum(one < ROWS / 2 for one in ids) == pytest.approx(len(ids) / 2, rel=0.1)
    sample.release()


def test_large_rows_in_spark_give_fewer_or_none(engine: LocalEngine) -> None:
    sample = drawn(engine, STABLE, Sampling.REPRESENTATIVE, FEW_BYTES, ROWS)
    found = fetch_rows(sample, 500 * 200)
    assert 300 < len(columns(found)["id"]) <= 500
    assert columns(fetch_rows(sample, FEW_BYTES)) == {}
    sample.release()


def test_text_that_is_not_utf_8_and_types_that_arrow_may_not_know_are_left_out(
    engine: LocalEngine,
) -> None:
    odd = (
        "SELECT id, CAST(X'FF' AS STRING) AS bad, CAST(id AS STRING) COLLATE UTF8_LCASE AS folded"
        " FROM range({rows})"
    )
    for sample_bytes in (MANY_BYTES, FEW_BYTES):
        sample = drawn(engine, odd, Sampling.REPRESENTATIVE, sample_bytes)
        assert list(columns(fetch_rows(sample, MANY_BYTES))) == ["id"]
        sample.release()
