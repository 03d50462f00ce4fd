"""Values with blanks around them give no list that their own rows refute."""

from pathlib import Path

import pytest

from tests.unit.suggestions.rows import RUN, SCHEMA
from worker.checks.personal_data import PersonalColumns
from worker.profiling.profiler import Profiler
from worker.profiling.results import Trial
from worker.spark.engines.local import LocalEngine
from worker.suggestions.draft import draft_suggestions
from worker.suggestions.existing_checks import ExistingChecks
from worker.suggestions.options import CheckOptions
from worker.suggestions.suggest import Suggestions, suggest
from worker.suggestions.suggest_again import Tried

pytestmark = pytest.mark.anyio


async def suggested(profiler: Profiler, name: str) -> Suggestions:
    """Profile a table of the catalog, and try what comes of it."""
    async with profiler.sample(name, "tag") as sample:
        profile = await profiler.profile(sample, "tag")
        found = draft_suggestions(
            profile,
            run_id=RUN,
            schema_name=SCHEMA,
            properties=(),
            personal=PersonalColumns(),
            options=CheckOptions(),
        )
        trials = [Trial(one.candidate.column, one.check) for one in found.drafts]
        evidence = await profiler.gather_evidence(sample, trials, "tag")
    tried = Tried({one.id: each for one, each in zip(found.drafts, evidence, strict=True)})
    return suggest(found.drafts, tried, profile.sample, ExistingChecks(), held_back=found.held_back)


async def test_a_list_of_padded_values_is_held_back_and_the_reason_names_the_blanks(
    profiler: Profiler, engine: LocalEngine
) -> None:
    engine.session.sql("CREATE DATABASE IF NOT EXISTS blanks")
    engine.session.sql(
        "CREATE TABLE blanks.padded (id INT, region CHAR(5), zone STRING, plain STRING)"
        " USING parquet"
    )
    engine.session.sql(
        "INSERT INTO blanks.padded"
        " SELECT id, 'EU', if(id % 2 = 0, ' EU ', 'US'), 'EU' FROM range(200)"
    )

    found = await suggested(profiler, "spark_catalog.blanks.padded")

    why = "blanks around values: the list has them trimmed, so rows that it was made of fail"
    assert found.held_back == {"region_other_value": why, "zone_other_value": why}
    rules = [row.rule for row in found.rows]
    assert "plain is always EU" in rules


async def test_a_list_of_padded_values_in_csv_is_held_back(
    profiler: Profiler, tables_folder: Path
) -> None:
    rows = "".join(f"{number}, EU \n" for number in range(200))
    (tables_folder / "padded.csv").write_text(f"id,region\n{rows}")

    found = await suggested(profiler, str(tables_folder / "padded.csv"))

    assert [name for name, why in found.held_back.items() if why.startswith("blanks around")] == [
        "region_other_value"
    ]
    assert not any("in list" in row.name for row in found.rows)
