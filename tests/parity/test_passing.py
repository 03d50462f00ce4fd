"""How many rows pass is what DQX itself finds, for every type and for limits of every kind."""

import math
import random
import threading
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise, product
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from databricks.labs.dqx.engine import DQEngine
from databricks.sdk import WorkspaceClient
from pyspark.sql import DataFrame, SparkSession

from tests.parity.held_out import others_of
from tests.parity.long import EXAMPLES, LONG, SEED
from tests.parity.tables import EXTREMES, different, frame_of, table_of
from tests.parity.work import watched
from tests.profiling.conftest import options
from tests.support.contracts import write_parquet
from worker.checks.column_names import as_argument
from worker.checks.personal_data import PersonalColumns
from worker.checks.portable_arguments import portable
from worker.counting.arrow.count_table import leaf
from worker.counting.arrow.passing_rows import passing
from worker.counting.check import Check, Passed
from worker.counting.spark.passing_rows import count_passing
from worker.profiling.dqx import Dqx
from worker.profiling.evidence import gather_evidence
from worker.profiling.results import Trial
from worker.sampling.sample import Sample, draw_sample
from worker.sampling.sample_facts import Sampling
from worker.spark.engines.local import LocalEngine
from worker.suggestions.draft import Draft, draft_suggestions
from worker.suggestions.options import CheckOptions
from worker.tables.table_types import FileFormat, FileTable
from worker.workspace.offline import OfflineWorkspace

pytestmark = pytest.mark.usefixtures("cheaper")

CLIENT = cast("WorkspaceClient", OfflineWorkspace())
CRITICAL = "error"


def limits_of(values: list[Any], chance: random.Random) -> Iterator[Any]:
    """Yield values of a column, and others near them, as a profile may have them for a limit."""
    for _ in range(6 if LONG else 3):
        value = chance.choice(values)
        yield value
        if isinstance(value, float) and math.isfinite(value):
            yield math.nextafter(value, 0.0)
            yield int(value) if abs(value) < 2**53 else value
        if isinstance(value, int) and not isinstance(value, bool):
            yield float(value)


def checks_of(name: str, column: pa.ChunkedArray, chance: random.Random) -> Iterator[Check]:
    argument = {"column": name}
    yield Check("is_not_null", argument, "n", CRITICAL)
    values = [one for one in column.to_pylist() if one is not None]
    kind = column.type
    if pa.types.is_string(kind):
        for trim in (True, False):
            for function in ("is_not_empty", "is_not_null_and_not_empty"):
                yield Check(function, argument | {"trim_strings": trim}, "e", CRITICAL)
        listed = [sorted(set(chance.choices(values, k=3))) for _ in range(3) if values]
        for texts in listed:
            quoted = ["'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'" for text in texts]
            yield Check("is_in_list", argument | {"allowed": quoted}, "l", CRITICAL)
    if pa.types.is_integer(kind) and values:
        yield Check("is_in_list", argument | {"allowed": values[:3]}, "l", CRITICAL)
    ordered = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    if not values or not (ordered or pa.types.is_temporal(kind)):
        return
    limits = [_written(one) for one in limits_of(values, chance)]
    for low, high in pairwise(limits):
        yield Check("is_in_range", argument | {"min_limit": low, "max_limit": high}, "r", CRITICAL)
        yield Check("is_not_less_than", argument | {"limit": low}, "g", CRITICAL)
        yield Check("is_not_greater_than", argument | {"limit": high}, "s", CRITICAL)
        bounds = {"min_limit": low, "max_limit": high, "allow_nulls": False}
        yield Check("is_in_range", argument | bounds, "a", CRITICAL)


def _written(limit: Any) -> Any:
    if hasattr(limit, "strftime"):
        return limit.strftime("%Y-%m-%dT%H:%M:%S.%f+0000" if hasattr(limit, "hour") else "%Y-%m-%d")
    return limit


def compared(frame: DataFrame, checks: list[Check]) -> int:
    """Compare what is counted here with what DQX's functions say in Spark; return how much was."""
    rows = frame.toArrow()
    names = {as_argument(name): name for name in frame.columns}
    counted = []
    for check in checks:
        name = names[check.arguments["column"]]
        found = passing(leaf(rows, [name]), frame.schema[name].dataType, check)
        if found is not None:
            counted.append((check, Passed(rows.num_rows, found)))
    looked_at = count_passing(frame, None, [check for check, _ in counted]).looked_at
    differences = [
        (check, here, there)
        for (check, here), there in zip(counted, looked_at, strict=True)
        if here != there
    ]
    assert differences == []
    return len(counted)


PARTS = 4 if LONG else 2


@pytest.mark.parametrize("part", range(PARTS))
def test_what_passes_is_what_passes_in_dqx(session: SparkSession, part: int) -> None:
    chance = random.Random(SEED + part)  # noqa: S311
    names = list(different(EXTREMES))[part::PARTS]
    table = table_of({name: EXTREMES[name] for name in names})
    checks = [
        check
        for _ in range(max(1, EXAMPLES // 100))
        for name in table.column_names
        for one in checks_of(name, table.column(name), chance)
        if (check := portable(one)) is not None
    ]
    assert compared(frame_of(session, table), checks) > len(names)


def test_nan_is_greater_than_any_other_number_and_equal_to_itself(session: SparkSession) -> None:
    """DQX proposes such bounds, and stock DQX's are tried when it is compared with the worker."""
    values = [math.nan, math.nan, math.inf, -math.inf, 0.0, 1.5, None]
    numbers = [0, 1, 2, None]
    table = table_of(
        {
            "double": (pa.float64(), values),
            "float": (pa.float32(), values),
            "int": (pa.int32(), numbers),
            "decimal": (pa.decimal128(5, 1), numbers),
        }
    )
    bounds = (math.nan, math.inf, -math.inf, 1.5)
    checks = [
        Check(function, {"column": name, **limits}, "c", CRITICAL)
        for name in table.column_names
        for function, limits in [
            *(
                ("is_in_range", {"min_limit": a, "max_limit": b})
                for a, b in product(bounds, bounds)
            ),
            *(("is_not_less_than", {"limit": one}) for one in bounds),
            *(("is_not_greater_than", {"limit": one}) for one in bounds),
        ]
    ]
    assert compared(frame_of(session, table), checks) == len(checks)


FILES, ROWS = 6, 2_000


@pytest.fixture(scope="module")
def folder(tables_folder: Path) -> Path:
    """Return a folder of files whose rows are numbered."""
    made = tables_folder / "numbered"
    made.mkdir()
    for number in range(FILES):
        ids = range(number * ROWS, (number + 1) * ROWS)
        texts = [f"text {one % 7} " if one % 3 else None for one in ids]
        prices = [one / 7 if one % 500 else None for one in ids]
        table = pa.table({"id": list(ids), "text": texts, "price": prices})
        pq.write_table(table, made / f"{number}.parquet")
    return made


@pytest.mark.parametrize(
    "draw",
    [
        *[(Sampling.REPRESENTATIVE, 0.1, 3_000, 1), (Sampling.STOCK, 0.1, 500, 42)],
        (Sampling.REPRESENTATIVE, 0.1, 11_000, 7),
        *(
            [
                (Sampling.REPRESENTATIVE, 0.1, 3_000, 42),
                *[(Sampling.STOCK, 0.95, 4_000, 3), (Sampling.STOCK, 0.05, 11_000, 3)],
            ]
            if LONG
            else []
        ),
    ],
)
def test_others_are_not_in_the_sample_and_from_all_of_the_table(
    engine: LocalEngine, folder: Path, draw: tuple[Sampling, float, int, int]
) -> None:
    sampling, fraction, limit, seed = draw
    chosen = options(
        folder, sampling=sampling, sample_fraction=fraction, sample_limit=limit, sample_seed=seed
    )
    sample = draw_sample(engine, FileTable(folder, FileFormat.PARQUET), chosen)
    assert sample.rows is not None
    others = others_of(sample)
    assert others is not None
    ids = others.column("id").to_pylist()
    assert set(ids).isdisjoint(sample.rows.column("id").to_pylist())
    assert 0 < len(ids) == len(set(ids)) <= limit
    assert {one // ROWS for one in ids} == set(range(FILES))


def test_of_a_whole_table_there_are_no_others(engine: LocalEngine, folder: Path) -> None:
    for changes in ({"sample_limit": FILES * ROWS}, {"sample_limit": None}):
        chosen = options(folder, **changes)
        sample = draw_sample(engine, FileTable(folder, FileFormat.PARQUET), chosen)
        assert sample.others is None
    everything = options(folder, sample_fraction=1.0, sample_limit=100)
    sample = draw_sample(engine, FileTable(folder, FileFormat.PARQUET), everything)
    assert sample.others is None


KEPT: list[dict[str, Any]] = [{}, {"sample_bytes": 10}, {"sample_limit": None}]
EVIDENCE = list(product(KEPT, (Sampling.STOCK, Sampling.REPRESENTATIVE)))


@pytest.mark.parametrize(("changes", "sampling"), EVIDENCE if LONG else EVIDENCE[1::2])
def test_the_evidence_is_what_dqx_flags_in_at_most_one_more_action(
    engine: LocalEngine, folder: Path, changes: dict[str, Any], sampling: Sampling
) -> None:
    named = {"sample_limit": 1_000, "sampling": sampling} | changes
    chosen = options(folder, **named)
    sample = draw_sample(engine, FileTable(folder, FileFormat.PARQUET), chosen)
    drafts = drafts_of(engine, sample)
    with watched(engine.session) as work:
        trials = [Trial(one.candidate.column, one.check) for one in drafts]
        evidence = gather_evidence(sample, trials, 10**8)
    # Stock's draw leaves the others in Spark.
    nothing_in_spark = sampling is Sampling.REPRESENTATIVE or sample.others is None
    at_hand = sample.rows is not None and nothing_in_spark
    assert work.actions == (0 if at_hand else 1)
    others = others_of(sample)
    assert (others is None) == sample.facts.whole
    assert {one.check.function for one in drafts} >= {"is_not_null", "is_in_range", "is_in_list"}
    checks = [draft.check for draft in drafts]
    assert [one.looked_at for one in evidence] == passed(engine.session, sample.frame, checks)
    if others is not None:
        beside = frame_of(engine.session, others)
        assert [one.others for one in evidence] == passed(engine.session, beside, checks)
    else:
        assert {one.others for one in evidence} == {None}


@pytest.mark.parametrize("sampling", [Sampling.STOCK, Sampling.REPRESENTATIVE])
def test_a_few_long_texts_leave_all_columns_their_evidence(
    engine: LocalEngine, tables_folder: Path, sampling: Sampling
) -> None:
    """Ten of them are longer than the share of a row in what may be held."""
    rows, bytes_ = 3_000, 3_000_000
    texts = ["x" * 30_000 if row % 300 == 7 else f"text {row % 7}" for row in range(rows)]
    path = write_parquet(tables_folder / f"long_{sampling}.parquet", id=list(range(rows)), t=texts)
    chosen = options(tables_folder, sample_limit=1_000, sampling=sampling, sample_bytes=bytes_)
    with watched(engine.session) as work:
        sample = draw_sample(engine, FileTable(path, FileFormat.PARQUET), chosen)
        trials = [Trial(one.candidate.column, one.check) for one in drafts_of(engine, sample)]
        evidence = gather_evidence(sample, trials, bytes_)
    assert sample.rows is not None
    assert work.actions <= 3
    assert {one.column for one in trials} == {"id", "t"}
    assert all(one.looked_at and one.others and one.others.rows > 100 for one in evidence)


def drafts_of(engine: LocalEngine, sample: Sample) -> list[Draft]:
    profile = Dqx(CLIENT, engine).profile(sample, threading.Event())
    return draft_suggestions(
        profile,
        run_id="r",
        schema_name="s",
        properties=(),
        personal=PersonalColumns(),
        options=CheckOptions(),
    ).drafts


def passed(session: SparkSession, frame: DataFrame, checks: list[Check]) -> list[Passed]:
    """Have DQX apply checks as it would a team's."""
    applied = DQEngine(CLIENT, session).apply_checks_by_metadata(
        frame,
        [
            {
                "check": {"function": check.function, "arguments": dict(check.arguments)},
                "name": check.name,
                "criticality": check.criticality,
            }
            for check in checks
        ],
    )
    rows = applied.selectExpr("_errors.name AS names").collect()
    flagged = Counter(name for row in rows for name in row.names or ())
    return [Passed(len(rows), len(rows) - flagged[check.name]) for check in checks]
