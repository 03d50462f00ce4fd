from dataclasses import replace

import pytest

from tests.unit.checks.rows import NOT_NULL, PART, RANGE, WHOLE, row_of
from worker.profiling.profile import SampleFacts, Sampling


@pytest.mark.parametrize(
    ("sample", "text"),
    [
        (WHOLE, "Rests on all 1,234 rows of the table."),
        (PART, "Rests on 998 of 10,000 rows: a random 10% of them (seed 42)."),
        (
            replace(PART, sampling=Sampling.REPRESENTATIVE),
            "Rests on 998 of 10,000 rows, drawn at random from the whole table (seed 42).",
        ),
        (
            replace(PART, rows=5000),
            "Rests on 5,000 of 10,000 rows: the first 5,000 of a random 10% of them (seed 42).",
        ),
    ],
)
def test_the_rationale_tells_how_many_rows_were_looked_at(sample: SampleFacts, text: str) -> None:
    assert row_of(NOT_NULL, sample=sample).rationale == text


@pytest.mark.parametrize("fraction", [0.001, 0.004, 0.999])
def test_the_rationale_rounds_no_share_to_nothing_or_to_everything(fraction: float) -> None:
    rationale = row_of(NOT_NULL, sample=replace(PART, fraction=fraction)).rationale

    assert "random 0% of them" not in rationale
    assert "random 100% of them" not in rationale


@pytest.mark.parametrize(
    ("description", "kept"),
    [
        (
            "Range doesn't include outliers, capped by 3 sigmas. avg=771, stddev=772, min=773",
            "Range doesn't include outliers, capped by 3 sigmas. Rests on",
        ),
        (
            "Column price has 2.0% of outliers (allowed: 5.0%). Lower boundary - 771, upper - 772.",
            "Column price has 2.0% of outliers (allowed: 5.0%). Rests on",
        ),
        ("Real min/max values were used. ", "Real min/max values were used. Rests on"),
    ],
)
def test_the_rationale_holds_the_description_without_values_of_cells(
    description: str, kept: str
) -> None:
    row = row_of(RANGE, description=description)

    assert row.rationale.startswith(kept)
    assert "77" not in row.rationale + row.description


def test_the_rationale_names_the_filter() -> None:
    rationale = row_of(replace(NOT_NULL, filter="id >= 10")).rationale

    assert rationale.endswith(" Only rows where id >= 10.")
