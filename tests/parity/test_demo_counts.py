"""Every count in a rationale is what plain SQL over the same rows gives: the demo's tables."""

import re
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from databricks.sdk import WorkspaceClient
from pyspark.sql import SparkSession

from deploy.sandbox.sample_tables import make_tables
from tests.parity.held_out import others_of
from tests.parity.long import LONG
from tests.profiling.conftest import options
from worker.checks.personal_data import PersonalColumns
from worker.counting.check import Passed
from worker.profiling.dqx import Dqx
from worker.profiling.evidence import gather_evidence
from worker.profiling.results import Trial
from worker.sampling.sample import Sample, draw_sample
from worker.sampling.sample_facts import Sampling
from worker.spark.engines.local import LocalEngine
from worker.suggestions.draft import Draft, draft_suggestions
from worker.suggestions.existing_checks import ExistingChecks
from worker.suggestions.failing_share import most_failing
from worker.suggestions.options import CheckOptions
from worker.suggestions.suggest import suggest
from worker.suggestions.suggest_again import Tried
from worker.tables.csv_files.readable import needs_folder, readable
from worker.tables.options import CSV_NULLS
from worker.tables.table_types import FileFormat, FileTable
from worker.workspace.offline import OfflineWorkspace

pytestmark = pytest.mark.usefixtures("cheaper")

TABLES = ("flights", "weather", "planes", "airports", "penguins_raw")
CASES = [
    *((name, Sampling.REPRESENTATIVE) for name in TABLES),
    # The others are looked at whole.
    *((name, Sampling.STOCK) for name in ("flights", "weather")),
]
# A sample of either kind, and a whole table, of a CSV file.
FEW = [
    ("weather", Sampling.REPRESENTATIVE),
    ("weather", Sampling.STOCK),
    ("penguins_raw", Sampling.REPRESENTATIVE),
]
NUMBER = r"[\d,]+"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return make_tables(tmp_path_factory.mktemp("demo"))


def condition(draft: Draft) -> str:
    """Return what a row has to fulfil, in SQL written by hand for each function."""
    arguments = draft.check.arguments
    column = "`" + draft.candidate.column.replace("`", "``") + "`"
    trimmed = f"trim({column})" if arguments.get("trim_strings") else column
    match draft.check.function:
        case "is_not_null":
            return f"{column} IS NOT NULL"
        case "is_not_null_and_not_empty":
            return f"{column} IS NOT NULL AND {trimmed} <> ''"
        case "is_not_empty":
            return f"{column} IS NULL OR {trimmed} <> ''"
        case "is_in_list":
            allowed = ", ".join(str(one) for one in arguments["allowed"])
            return f"{column} IS NULL OR {column} IN ({allowed})"
        case "is_in_range":
            low, high = (_literal(arguments[name]) for name in ("min_limit", "max_limit"))
            return f"{column} IS NULL OR ({column} >= {low} AND {column} <= {high})"
    raise AssertionError(draft.check.function)


def _literal(limit: Any) -> str:
    if isinstance(limit, str) and not limit.endswith("BD"):
        return f"TIMESTAMP '{limit}'" if ":" in limit else f"DATE '{limit}'"
    return f"{limit!r}D" if isinstance(limit, float) else str(limit)


def counted(session: SparkSession, view: str, drafts: Sequence[Draft]) -> list[Passed]:
    """Count all checks in one query: reading the table takes longest."""
    counts = ", ".join(f"count_if({condition(draft)})" for draft in drafts)
    ((rows, *passing),) = session.sql(f"SELECT count(*), {counts} FROM {view}").collect()
    return [Passed(rows, one) for one in passing]


def told(passed: Passed) -> str:
    """Return the counts as a sentence has to hold them."""
    failing = passed.rows - passed.passing
    if not failing:
        return f"{passed.rows:,}"
    return f"{passed.passing:,} {failing:,}"


def numbers(text: str) -> str:
    """Return the counts of a sentence: of rows, or of those that pass and those that fail."""
    if found := re.search(rf"({NUMBER}) of {NUMBER} rows .*? and ({NUMBER}) fails?", text):
        return f"{found[1]} {found[2]}"
    if found := re.search(rf"of {NUMBER} other rows drawn at random ({NUMBER}) pass", text):
        failing = re.search(rf"pass(?:es)? and ({NUMBER}) fail", text)
        assert failing
        return f"{found[1]} {failing[1]}"
    found = re.search(rf"(?:All ({NUMBER}) rows|of ({NUMBER}) other rows)", text)
    assert found, text
    return found[1] or found[2]


@pytest.mark.parametrize(("name", "sampling"), CASES if LONG else FEW)
def test_counts(
    engine: LocalEngine, demo: dict[str, Path], tmp_path: Path, name: str, sampling: Sampling
) -> None:
    path = demo[name]
    file = FileTable(path, FileFormat.CSV if path.suffix == ".csv" else FileFormat.PARQUET)
    folder = tmp_path if needs_folder(file) else None
    table, _ = readable(file, folder, CSV_NULLS, threading.Event())
    sample = draw_sample(engine, table, options(path.parent, sample_limit=5000, sampling=sampling))
    looked_at, others = "looked_at", "others"
    sample.frame.createOrReplaceTempView(looked_at)
    if (beside := others_of(sample)) is not None:
        engine.session.createDataFrame(beside).createOrReplaceTempView(others)
    suggested = list(rationales(engine, sample))
    assert len(suggested) > 5
    drafts = [draft for draft, _ in suggested]
    made_of_each = counted(engine.session, looked_at, drafts)
    tried_on_each = [] if beside is None else counted(engine.session, others, drafts)
    for number, (draft, rationale) in enumerate(suggested):
        first, *rest = rationale.split("; ")
        made_of = made_of_each[number]
        assert numbers(first) == told(made_of)
        if draft.check.function == "is_in_list":
            column = f"trim(`{draft.candidate.column}`)"
            query = f"SELECT count(DISTINCT {column}) FROM {looked_at}"
            distinct = engine.session.sql(query).collect()[0][0]
            seen = "one value that was" if distinct == 1 else f"{distinct} values that were"
            assert rationale.endswith(f" The list holds the {seen} seen.")
        if sample.facts.whole:
            assert rest[0].startswith("there are no others to try it on.")
            continue
        assert f"{sample.facts.of_rows:,}" in first
        tried = tried_on_each[number]
        assert numbers(rest[0]) == told(tried)
        share = re.search(r"at most ([\d.]+)% of the rows not looked at fail\.", rest[0])
        assert share
        exactly = 100 * most_failing(tried.rows, tried.rows - tried.passing)
        assert exactly <= float(share[1]) <= 1.1 * exactly


def rationales(engine: LocalEngine, sample: Sample) -> Iterator[tuple[Draft, str]]:
    client = cast("WorkspaceClient", OfflineWorkspace())
    drafts = draft_suggestions(
        Dqx(client, engine).profile(sample, threading.Event()),
        run_id="r",
        schema_name="s",
        properties=(),
        personal=PersonalColumns(),
        options=CheckOptions(),
    ).drafts
    trials = [Trial(one.candidate.column, one.check) for one in drafts]
    evidence = gather_evidence(sample, trials, 10**8)
    found = {one.id: each for one, each in zip(drafts, evidence, strict=True)}
    chosen = CheckOptions(contradictions=True)
    rows = {
        row.id: row.rationale
        for row in suggest(
            drafts, Tried(found), sample.facts, ExistingChecks(), options=chosen
        ).rows
    }
    # A list that its own rows refute is held back.
    for draft in drafts:
        if draft.id in rows:
            yield draft, rows[draft.id]
