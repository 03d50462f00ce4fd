from dataclasses import replace

import pytest

from tests.unit.suggestions.rows import (
    NOT_NULL,
    PART,
    RANGE,
    WHOLE,
    drafts_of,
    known_of,
    row_of,
    rows_of,
)
from worker.checks.stored_checks import KnownRow
from worker.counting.check import Check, Passed
from worker.profiling.results import Evidence
from worker.sampling.sample_facts import SampleFacts, Sampling
from worker.suggestions.existing_checks import ExistingChecks
from worker.suggestions.suggest import suggest
from worker.suggestions.suggest_again import Tried

RANDOM = replace(PART, sampling=Sampling.REPRESENTATIVE)
ALL = Evidence(Passed(998, 998), Passed(990, 990))


@pytest.mark.parametrize(
    ("sample", "evidence", "text"),
    [
        (WHOLE, Evidence(), "Rests on all 1,234 rows of the table; it was tried on none."),
        (
            PART,
            Evidence(),
            "Rests on 998 rows, a random 10% of 10,000 (seed 42); it was tried on none.",
        ),
        (
            RANDOM,
            Evidence(changed=True),
            "Rests on rows of a further draw; not tried: read again, the table returned other "
            "rows.",
        ),
        (
            WHOLE,
            Evidence(Passed(1234, 1234)),
            "All 1,234 rows of the table pass; there are no others to try it on.",
        ),
        (
            WHOLE,
            Evidence(Passed(1234, 1230)),
            "1,230 of 1,234 rows of the table pass and 4 fail; there are no others to try it on.",
        ),
        (
            WHOLE,
            Evidence(Passed(1, 1)),
            "The one row of the table passes; there are no others to try it on.",
        ),
        (
            RANDOM,
            ALL,
            "All 998 rows that it was made of pass, drawn at random from all 10,000 (seed 42); "
            "of 990 other rows drawn at random all pass: with 95% confidence at most 0.31% of the "
            "rows not looked at fail.",
        ),
        (
            RANDOM,
            Evidence(Passed(998, 997), Passed(990, 980)),
            "997 of 998 rows that it was made of pass and 1 fails, drawn at random from all 10,000 "
            "(seed 42); of 990 other rows drawn at random 980 pass and 10 fail: with 95% "
            "confidence at most 1.8% of the rows not looked at fail.",
        ),
        (
            replace(PART, rows=5000),
            Evidence(Passed(5000, 5000), Passed(4990, 1)),
            "All 5,000 rows that it was made of pass, the first 5,000 of a random 10% of 10,000 "
            "(seed 42); of 4,990 other rows drawn at random 1 passes and 4,989 fail: with 95% "
            "confidence at most 100% of the rows not looked at fail.",
        ),
        (
            RANDOM,
            replace(ALL, others_cut=True),
            "All 998 rows that it was made of pass, drawn at random from all 10,000 (seed 42); "
            "of 990 other rows, the first of those drawn at random, all pass.",
        ),
        (
            RANDOM,
            Evidence(Passed(998, 998)),
            "All 998 rows that it was made of pass, drawn at random from all 10,000 (seed 42); it "
            "was tried on no others.",
        ),
        (
            RANDOM,
            Evidence(Passed(998, 998), changed=True),
            "All 998 rows that it was made of pass, drawn at random from all 10,000 (seed 42); not "
            "tried on others: read again, the table returned other rows.",
        ),
    ],
)
def test_the_rationale_says_how_many_rows_pass(
    sample: SampleFacts, evidence: Evidence, text: str
) -> None:
    assert row_of(NOT_NULL, sample=sample, evidence=evidence).rationale == text


@pytest.mark.parametrize(
    ("nans", "words"),
    [(1, "1 row that it was made of holds"), (3, "3 rows that it was made of hold")],
)
def test_the_rationale_names_rows_without_a_number_that_pass(nans: int, words: str) -> None:
    evidence = Evidence(Passed(1234, 1234))
    at_least = Check("is_not_less_than", {"column": "price", "limit": 1}, "least", "error")
    drafts = drafts_of(NOT_NULL, at_least, RANGE, nans=nans).drafts
    found = Tried(drafts={one.id: evidence for one in drafts})
    rows = suggest(drafts, found, WHOLE, ExistingChecks()).rows

    *passing, bounded = (row.rationale for row in rows)
    assert all(one.endswith(f" to try it on. {words} NaN, which passes.") for one in passing)
    # Greater than any number, it fails there, and is counted.
    assert "NaN" not in bounded


@pytest.mark.parametrize("fraction", [0.001, 0.004, 0.999])
def test_the_rationale_rounds_no_share_to_nothing_or_to_everything(fraction: float) -> None:
    rationale = row_of(NOT_NULL, sample=replace(PART, fraction=fraction)).rationale

    assert "random 0% of" not in rationale
    assert "random 100% of" not in rationale


@pytest.mark.parametrize(
    ("description", "kept"),
    [
        (
            "Range doesn't include outliers, capped by 3 sigmas. avg=771, stddev=772, min=773",
            "Range doesn't include outliers, capped by 3 sigmas.",
        ),
        (
            "Column price has 2.0% of outliers (allowed: 5.0%). Lower boundary - 771, upper - 772.",
            "Column price has 2.0% of outliers (allowed: 5.0%).",
        ),
        ("Real min/max values were used. ", "Real min/max values were used."),
    ],
)
def test_the_rationale_holds_the_description_without_values_of_cells(
    description: str, kept: str
) -> None:
    row = row_of(RANGE, description=description)

    assert row.rationale.endswith(f" {kept}")
    assert "77" not in row.rationale + row.description


@pytest.mark.parametrize(
    ("allowed", "seen"), [(["'a'", "'b'"], "2 values that were seen"), ([7], "one value that was")]
)
def test_the_rationale_says_how_long_a_list_is(allowed: list[str | int], seen: str) -> None:
    check = Check("is_in_list", {"column": "id", "allowed": allowed}, "n", "error")

    assert f" The list holds the {seen}" in row_of(check).rationale


def test_the_rationale_names_the_filter() -> None:
    rationale = row_of(replace(NOT_NULL, filter="id >= 10")).rationale

    assert rationale.endswith(" Only rows where id >= 10.")


def test_the_rationale_of_a_change_says_both() -> None:
    accepted = KnownRow(
        type="custom",
        engine="dqx",
        implementation='{"check":{"function":"is_in_range","arguments":'
        '{"column":"price","min_limit":1,"max_limit":7}}}',
    )

    (row,) = rows_of(RANGE, known=known_of([accepted]))

    assert row.rule == "price from 1 to 9"
    assert row.rationale.startswith(
        "Changes the accepted rule: price from 1 to 7. "
        "The accepted rule flags 1,234 of 1,234 rows looked at. Rests on"
    )
