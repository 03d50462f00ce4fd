"""What DQX counts one way and checks in another: NaN, and moments without a time zone."""

import json
from pathlib import Path
from typing import cast

import pytest
from databricks.labs.dqx.engine import DQEngine
from databricks.sdk import WorkspaceClient

from tests.parity.test_passing import drafts_of
from tests.profiling.conftest import options
from worker.profiling.evidence import gather_evidence
from worker.profiling.results import Trial
from worker.sampling.options import ProfilerChoice
from worker.sampling.sample import sample_of
from worker.spark.engines.local import LocalEngine
from worker.suggestions.existing_checks import ExistingChecks
from worker.suggestions.suggest import suggest
from worker.suggestions.suggest_again import Tried
from worker.suggestions.suggestion_row import SuggestionRow
from worker.tables.table_types import CatalogTable
from worker.workspace.offline import OfflineWorkspace

pytestmark = pytest.mark.usefixtures("cheaper")

MANY_BYTES, FEW_BYTES = 10**8, 10
ZONE = "spark.sql.session.timeZone"
NTZ = (
    "SELECT TIMESTAMP_NTZ '2023-11-14 20:00:00' + make_dt_interval(0, int(id)) AS at"
    " FROM range(100)"
)
NANS = "SELECT if(id < 3, double('NaN'), id) AS share FROM range(400)"
COUNTED = [
    (ProfilerChoice.AUTO, MANY_BYTES),
    (ProfilerChoice.AUTO, FEW_BYTES),
    (ProfilerChoice.STOCK, MANY_BYTES),
]


def suggested(
    engine: LocalEngine, query: str, choice: ProfilerChoice, sample_bytes: int
) -> list[SuggestionRow]:
    """Return what the worker suggests for the rows of a query."""
    chosen = options(Path("/"), profiler=choice, sample_bytes=sample_bytes)
    sample = sample_of(engine, CatalogTable(("t",)), engine.session.sql(query), chosen)
    drafts = drafts_of(engine, sample)
    trials = [Trial(one.candidate.column, one.check) for one in drafts]
    evidence = gather_evidence(sample, trials, sample_bytes)
    sample.release()
    found = {one.id: each for one, each in zip(drafts, evidence, strict=True)}
    return suggest(drafts, Tried(drafts=found), sample.facts, ExistingChecks()).rows


@pytest.mark.parametrize(("choice", "sample_bytes"), COUNTED)
def test_bounds_without_a_zone_flag_no_clean_row_in_any_session(
    engine: LocalEngine, choice: ProfilerChoice, sample_bytes: int
) -> None:
    rows = suggested(engine, NTZ, choice, sample_bytes)
    (bounded,) = [row for row in rows if "is_in_range" in row.implementation]
    assert bounded.rule == "at from 2023-11-14 to 2023-11-19"
    assert bounded.rationale.startswith("All 100 rows of the table pass;")
    dqx = DQEngine(cast("WorkspaceClient", OfflineWorkspace()), engine.session)
    before = engine.session.conf.get(ZONE)
    for zone in ("UTC", "America/Los_Angeles", "Asia/Tokyo"):
        engine.session.conf.set(ZONE, zone)
        try:
            checks = [json.loads(row.implementation) for row in rows]
            checked = dqx.apply_checks_by_metadata(engine.session.sql(NTZ), checks)
            assert checked.where("_errors IS NOT NULL").count() == 0
        finally:
            engine.session.conf.set(ZONE, str(before))


@pytest.mark.parametrize(("choice", "sample_bytes"), COUNTED)
def test_nan_that_passes_is_counted_and_named(
    engine: LocalEngine, choice: ProfilerChoice, sample_bytes: int
) -> None:
    rows = suggested(engine, NANS, choice, sample_bytes)
    (filled,) = [row for row in rows if '"is_not_null"' in row.implementation]
    assert filled.rationale == (
        "All 400 rows of the table pass; there are no others to try it on. "
        "3 rows that it was made of hold NaN, which passes."
    )
