"""Columns of any name are profiled, and suggested under their own names."""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from databricks.labs.dqx.engine import DQEngine
from databricks.sdk import WorkspaceClient

from worker.checks.implementation import implementation
from worker.checks.personal_data import NOTHING_PERSONAL
from worker.counting.check import Passed
from worker.profiling.profiler import Profiler
from worker.profiling.results import Evidence, TableProfile, Trial
from worker.sampling.dqx_options import DqxOptions
from worker.sampling.options import ProfilerChoice
from worker.sampling.sample_facts import Counting
from worker.spark.engines.local import LocalEngine
from worker.spark.per_session import PerSession
from worker.suggestions.draft import Draft, draft_suggestions
from worker.suggestions.options import CheckOptions
from worker.tables.column_paths import path_of
from worker.workspace.offline import OfflineWorkspace

pytestmark = pytest.mark.anyio

ROWS = 80
NUMBERS = list(range(1, ROWS + 1))
TEXTS = ["EU", "US"] * (ROWS // 2)
COLUMNS = {
    "Sepal.Length": ("sepal_length", [one / 4 for one in NUMBERS]),
    "we`ird": ("weird", TEXTS),
    "`quoted`": ("quoted", NUMBERS),
    "Petal Width": ("petal_width", NUMBERS),
    "a, b.c": ("abc", TEXTS),
    "select.from": ("word", NUMBERS),
    "amount": ("amount_1", NUMBERS),
    "Amount": ("amount_2", [one * 2 for one in NUMBERS]),
    "summary": ("summarized", NUMBERS),
    "*": ("star", NUMBERS),
    "plain": ("plain", TEXTS),
    "s": ("s", [{"x": one, "y": None} for one in NUMBERS]),
    "s.x": ("sx", TEXTS),
}
"""Each with a plain name and its values."""
FIELDS = {"x.y": "xy", "u`v": "uv", "z": "z_1", "Z": "z_2", "plain": "plain"}
"""Of a struct `in.side`, or `inside`."""


def _table(*, plain: bool) -> pa.Table:
    columns = {(new if plain else own): pa.array(v) for own, (new, v) in COLUMNS.items()}
    fields = [new if plain else own for own, new in FIELDS.items()]
    columns["inside" if plain else "in.side"] = pa.array(
        [{name: one * place for place, name in enumerate(fields)} for one in NUMBERS]
    )
    return pa.table(columns)


@pytest.fixture(scope="module")
def files(tables_folder: Path) -> tuple[Path, Path]:
    paths = tables_folder / "odd_names.parquet", tables_folder / "plain_names.parquet"
    for path, plain in zip(paths, (False, True), strict=True):
        pq.write_table(_table(plain=plain), path)
    return paths


async def _profile(
    profiler: Profiler, path: Path, chosen: DqxOptions | None = None
) -> tuple[TableProfile, list[Draft], Sequence[Evidence]]:
    async with profiler.sample(str(path), "t", chosen or DqxOptions()) as sample:
        profile = await profiler.profile(sample, "t")
        drafts = draft_suggestions(
            profile,
            run_id="r",
            schema_name="s",
            properties=list(COLUMNS),
            personal=NOTHING_PERSONAL,
            options=CheckOptions(),
        ).drafts
        trials = [Trial(one.candidate.column, one.check) for one in drafts]
        return profile, drafts, await profiler.gather_evidence(sample, trials, "t")


async def test_columns_are_profiled_as_under_plain_names(
    profiler: Profiler, files: tuple[Path, Path]
) -> None:
    (odd, _, _), (plain, _, _) = [await _profile(profiler, path) for path in files]
    paths = {
        **{new: path_of([own]) for own, (new, _) in COLUMNS.items()},
        **{f"inside.{new}": path_of(["in.side", own]) for own, new in FIELDS.items()},
        "s.x": "s.x",
        "s.y": "s.y",
    }
    assert odd.statistics == {paths[name]: one for name, one in plain.statistics.items()}
    assert odd.skipped_columns == plain.skipped_columns == {}
    assert [(one.profile, one.description) for one in odd.candidates] == [
        (one.profile, one.description) for one in plain.candidates
    ]
    assert len(odd.candidates) >= len(COLUMNS)
    names = {one.check.name for one in odd.candidates}
    assert {"Sepal.Length_is_null", "Amount_isnt_in_range", "in.side.u`v_is_null"} <= names
    assert "renamed" not in str(odd.candidates)


async def test_the_rules_run_in_dqx_on_the_table_itself(
    profiler: Profiler, engine: LocalEngine, files: tuple[Path, Path]
) -> None:
    _, drafts, evidence = await _profile(profiler, files[0])
    found = {one.property_name for one in drafts if one.level == "property"}
    assert {"Sepal.Length", "we`ird", "`quoted`", "a, b.c", "select.from", "s.x"} <= found
    assert {"amount", "Amount"} <= found
    assert all(one.looked_at == Passed(ROWS, ROWS) for one in evidence)
    checks = [json.loads(implementation(one.check)) for one in drafts]
    dqx = DQEngine(cast("WorkspaceClient", OfflineWorkspace()), engine.session)
    assert not dqx.validate_checks(checks).has_errors
    broken = _table(plain=False).slice(0, 1).to_pylist()[0]
    broken |= {"Sepal.Length": None, "Amount": 1000, "we`ird": "XX"}
    broken["in.side"] |= {"x.y": None, "Z": 10_000}
    rows = pa.Table.from_pylist([broken], _table(plain=False).schema)
    good, bad = dqx.apply_checks_by_metadata_and_split(
        engine.session.createDataFrame(pa.concat_tables([_table(plain=False), rows])), checks
    )
    assert good.count() == ROWS
    (row,) = bad.select("_errors").collect()
    assert sorted(one["name"] for one in row["_errors"]) == [
        "Amount_isnt_in_range",
        "Sepal.Length_is_null",
        "in.side.Z_isnt_in_range",
        "in.side.x.y_is_null",
        "we`ird_other_value",
    ]


async def test_spark_counts_and_stock_dqx_profiles_the_same(
    profiler: Profiler, engine: LocalEngine, files: tuple[Path, Path]
) -> None:
    from worker.profiling.dqx import Dqx

    path = files[0].with_name("some_names.parquet")
    some = _table(plain=False).select(["Sepal.Length", "amount", "Amount", "s.x"])
    inner = pa.array([{"x.y": one} for one in NUMBERS])
    pq.write_table(some.append_column("t", inner), path)
    chosen = DqxOptions(
        filter="`Sepal.Length` > 2 and t.`x.y` > 8 and `s.x` = 'US'",
        has_no_outliers=True,
        has_no_outliers_allow_columns=["Sepal.Length", "Amount"],
    )
    fetched, drafts, evidence = await _profile(profiler, path, chosen)
    assert fetched.sample.of_rows == ROWS // 2 - 4
    outliers = [one.column for one in fetched.candidates if one.profile == "has_no_outliers"]
    assert outliers == ["`Sepal.Length`", "Amount"]
    client = cast("WorkspaceClient", OfflineWorkspace())
    for choice, most_bytes, by in (
        (ProfilerChoice.AUTO, 1, Counting.SPARK),
        (ProfilerChoice.STOCK, 1_000_000, Counting.STOCK),
    ):
        options = replace(profiler._options, sample_bytes=most_bytes, profiler=choice)
        other = Profiler(options, engine, PerSession(engine, partial(Dqx, client, engine, choice)))
        again, drafts_again, evidence_again = await _profile(other, path, chosen)
        assert again.counted.by is by
        assert again.skipped_columns == {}
        assert [one.id for one in drafts_again] == [one.id for one in drafts]
        assert evidence_again == evidence
