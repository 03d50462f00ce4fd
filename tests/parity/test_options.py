"""Every option that DQX's profiler documents, but for language models."""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
import pytest
from databricks.labs.dqx.errors import InvalidParameterError
from databricks.labs.dqx.profiler.profile_options import DEFAULT_PROFILE_OPTIONS
from pyspark.sql import DataFrame, SparkSession

from tests.parity.compare import (
    WHOLE,
    Outcome,
    compare,
    differences,
    of_spark,
    of_stock,
    of_worker,
    profiler_of,
)
from tests.parity.long import LONG
from tests.parity.tables import frame_of

pytestmark = pytest.mark.usefixtures("cheaper")

LISTS = ("has_no_outliers_allow_columns", "has_no_outliers_deny_columns")
OTHERS_COLUMNS = {"outlier_columns": ["whole"]}
"""With no list DQX raises on the numbers in a struct."""

OPTIONS: list[dict[str, Any]] = [
    {"round": False, "num_sigmas": 1},
    {"num_sigmas": 0, "round": False},
    {"num_sigmas": 0.5},
    {"num_sigmas": 1.5, "outlier_columns": ["whole", "few", "inner"]},
    {"remove_outliers": False},
    {"remove_outliers": False, "round": False},
    {"outlier_columns": ["inner.number", "absent"], "round": False},
    {"max_in_count": 4, "distinct_ratio": 1.0},
    {"max_in_count": 3, "distinct_ratio": 1.0},
    {"max_in_count": 100, "distinct_ratio": 0.2},
    {"max_in_count": 0, "distinct_ratio": 0},
    {"max_null_ratio": 0.125, "max_empty_ratio": 0.25},
    {"max_null_ratio": 0.124, "max_empty_ratio": 0.249},
    {"max_null_ratio": 1, "max_empty_ratio": 0, "trim_strings": False},
    {"max_null_ratio": 0, "max_empty_ratio": 1, "trim_strings": False},
    {"max_in_count": 100, "distinct_ratio": 1.1},
    {"profile_geospatial": True, "geospatial_srid": 4326},
    {"filter": "whole > 3", "max_in_count": 100, "distinct_ratio": 1.1},
    {"filter": "whole > 3", "sample_fraction": 0.5, "sample_seed": 3, "limit": 7},
    {"filter": "whole > 1000"},
    {"sample_fraction": 0.0, "sample_seed": 3},
    {"limit": 1},
    {"sample_fraction": 0.5, "sample_by_column": "few", "sample_seed": 1},
    {"sample_fraction": {"x": 1.0, "y": 0.5}, "sample_by_column": "few", "sample_seed": 1},
    {
        "sample_fraction": 0.9,
        "sample_by_column": "whole",
        "sample_seed": 5,
        "sample_by_values_limit": 6,
    },
]

MEDIANS: list[dict[str, Any]] = [
    {"outliers_ratio": 1.0},
    {"outliers_ratio": 0.05, "round": False},
    {"outliers_ratio": 0.0},
    {LISTS[0]: ["whole"], "outliers_ratio": 1},
    {LISTS[1]: ["whole", "few"], "outliers_ratio": 1},
]


@pytest.fixture(scope="module")
def frame(session: SparkSession) -> DataFrame:
    rows = 24
    return frame_of(
        session,
        pa.table(
            {
                "whole": pa.array([row or 900 for row in range(rows)]),
                "part": pa.array([row / 8 - 1 if row % 8 else None for row in range(rows)]),
                "few": pa.array([("x", "y ", " y", "")[row % 4] for row in range(rows)]),
                "inner": pa.array(
                    [{"number": row * 0.1, "text": "a"} if row % 5 else None for row in range(rows)]
                ),
                "moment": pa.array(
                    [1_000_003 * row for row in range(rows)], pa.timestamp("us", tz="UTC")
                ),
            }
        ),
    )


def test_all_options_are_tried() -> None:
    tried = {name for options in [*OPTIONS, *MEDIANS] for name in options}
    assert set(DEFAULT_PROFILE_OPTIONS) - tried == {"llm_primary_key_detection", "has_no_outliers"}


# What DQX decides by counts that are the same needs no case of each option.
FEW = (OPTIONS[0], OPTIONS[4], OPTIONS[9], OPTIONS[13])


@pytest.mark.parametrize("options", OPTIONS if LONG else FEW, ids=str)
def test_options(frame: DataFrame, options: Mapping[str, Any]) -> None:
    assert compare(frame, {**OTHERS_COLUMNS, **options}) == ([], None)


@pytest.mark.parametrize("options", MEDIANS if LONG else MEDIANS[1:2], ids=str)
def test_distances_to_the_median(frame: DataFrame, options: Mapping[str, Any]) -> None:
    plain = frame.select("whole", "part", "few")
    assert compare(plain, {"has_no_outliers": True, **options}) == ([], None)


def test_distances_in_a_struct_are_left_to_stock(frame: DataFrame) -> None:
    """It looks for a column `inner.number` in a frame that has a column `number`, and raises."""
    _, left = compare(frame.select("inner"), {"has_no_outliers": True, **OTHERS_COLUMNS})
    assert "a builder asks for agg" in str(left)


def test_a_whole_number_in_a_struct_costs_no_column_where_stock_caps_every_one(
    session: SparkSession,
) -> None:
    """Stock DQX raises on it, and the worker profiles it as with a list of all other columns."""
    struct = "named_struct('whole', id, 'part', id * 0.1D, 'amount', cast(id AS DECIMAL(10, 2)))"
    frame = session.sql(f"SELECT id, {struct} AS s FROM range(0, 40, 1, 1)")
    stock, worker = of_stock(frame), of_worker(frame)
    assert list(stock.failed) == ["s"]
    listed = of_stock(frame, {"outlier_columns": ["id", "s.part", "s.amount"]})
    assert list(differences(listed, worker, frame)) == []
    others = frame.selectExpr("id", "named_struct('part', s.part, 'amount', s.amount) AS s")
    assert compare(others) == ([], None)


@pytest.mark.parametrize("counted", [of_worker, of_spark])
def test_moments_in_a_struct_are_capped_as_stock_caps_them(
    session: SparkSession, counted: Callable[[DataFrame], Outcome]
) -> None:
    """The last day is far from all others, and so beyond three sigma."""
    struct = """named_struct(
        'd', date_add(date'2024-01-01', int(if(id = 39, 9999, id))),
        't', timestamp_seconds(if(id = 39, 999999999, id)),
        'n', cast(timestamp_seconds(if(id = 39, 999999999, id)) AS TIMESTAMP_NTZ),
        'inner', named_struct('d', date_add(date'2024-01-01', int(if(id = 39, 9999, id))))
    )"""
    frame = session.sql(f"SELECT {struct} AS s FROM range(0, 40, 1, 1)")
    stock = of_stock(frame)
    assert list(differences(stock, counted(frame), frame)) == []
    capped = [one.column for one in stock.candidates if "capped" in str(one.description)]
    assert capped == ["s.d", "s.t", "s.n", "s.inner.d"]


def test_options_that_exclude_each_other_raise_alike(frame: DataFrame) -> None:
    options = {**WHOLE, LISTS[0]: ["whole"], LISTS[1]: ["few"]}
    with pytest.raises(InvalidParameterError, match="only one of them") as stock:
        profiler_of(frame.sparkSession).profile(frame, options=options)
    with pytest.raises(InvalidParameterError) as worker:
        of_worker(frame, options)
    assert str(worker.value) == str(stock.value)
