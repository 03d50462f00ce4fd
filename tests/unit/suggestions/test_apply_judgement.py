"""What the judge is asked, and what becomes of its answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.suggestions.rows import (
    FETCHED,
    NOT_NULL,
    PART,
    RANGE,
    RUN,
    SCHEMA,
    WHOLE,
    custom,
    decision,
    known_of,
)
from worker.checks.personal_data import NOTHING_PERSONAL, PersonalColumns
from worker.counting.check import Check, Passed
from worker.judging.errors import below_confidence, estimated_instead, no_range_of_kind
from worker.judging.proposal import Judgement, Origin, Proposal, Refits
from worker.kinds.column_kind import ColumnKind
from worker.profiling.results import Candidate, Evidence, TableProfile
from worker.sampling.sample_facts import NOTHING_HIDDEN, Hidden
from worker.suggestions import apply_judgement
from worker.suggestions.apply_judgement import confidence_text
from worker.suggestions.decisions import When
from worker.suggestions.draft import Drafts, draft_suggestions
from worker.suggestions.existing_checks import ExistingChecks
from worker.suggestions.options import CheckOptions
from worker.suggestions.suggest import Suggestions, suggest
from worker.suggestions.suggest_again import Tried, to_try

LIST = Check("is_in_list", {"column": "price", "allowed": ["'x'"]}, "price_other_value", "error")
DISTRIBUTION = {"rows": 10, "nulls": 0, "distinct": 1, "values": [{"value": "x", "count": 10}]}


def proposal(check: Check, column: str, **changes: Any) -> Proposal:
    values: dict[str, Any] = {
        "origin": Origin.WORKER,
        "kind": ColumnKind.KEY,
        "kind_reason": "each of 998 values differs",
        "reason": "Two digits.",
    }
    return Proposal(Candidate(check, "", column, None), **(values | changes))


def drafts_of(
    proposals: Sequence[Proposal],
    *,
    personal: PersonalColumns = NOTHING_PERSONAL,
    hidden: Hidden = NOTHING_HIDDEN,
) -> Drafts:
    profile = TableProfile("t", 3, PART, FETCHED, {}, 1, (), {}, hidden=hidden)
    return draft_suggestions(
        profile,
        run_id=RUN,
        schema_name=SCHEMA,
        properties=(),
        personal=personal,
        options=CheckOptions(),
        proposals=proposals,
    )


def suggested(
    *proposals: Proposal,
    evidence: Evidence | None = None,
    known: ExistingChecks | None = None,
    settled: Mapping[str, Evidence] | None = None,
    **hidden: Any,
) -> Suggestions:
    drafts = drafts_of(proposals, **hidden).drafts
    found = evidence or Evidence(Passed(998, 998), Passed(500, 499))
    tried = Tried({one.id: found for one in drafts}, settled or {})
    return suggest(
        drafts,
        tried,
        PART,
        known or ExistingChecks(),
        distributions={"id": DISTRIBUTION, "price": DISTRIBUTION},
    )


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Proposal], Judgement]], None]:
    """Replace the judge."""

    def use(judged: Callable[[Proposal], Judgement]) -> None:
        monkeypatch.setattr(apply_judgement, "judge", lambda one, *_: judged(one))

    return use


Judge = Callable[[Callable[[Proposal], Judgement]], None]


def sure(one: Proposal) -> Judgement:
    return Judgement(one, 1.0, None, None)


def test_all_that_is_known_is_evidence(judge: Judge) -> None:
    judge(lambda one: Judgement(one, 0.971, None, None))
    random, in_order = Refits(10, 9, Passed(200, 199)), Refits(1, 1, Passed(50, 50))
    examples = ("x" * 101, "b", "c", "d")
    found = suggested(
        proposal(NOT_NULL, "id", random=random, in_order=in_order, examples=examples, expected=0.2)
    )
    (facts,) = found.evidence.values()
    assert facts == {
        "origin": "worker",
        "kind": "key",
        "kind_reason": "each of 998 values differs",
        "reason": "Two digits.",
        "finding": False,
        "confidence": 0.971,
        "expected": 0.2,
        "rows": 998,
        "failing": 0,
        "held_out_rows": 500,
        "held_out_failing": 1,
        "most_failing": pytest.approx(0.00945, abs=1e-4),
        "random_parts": 10,
        "random_held": 9,
        "random_rows": 200,
        "random_failing": 1,
        "in_order_parts": 1,
        "in_order_held": 1,
        "in_order_rows": 50,
        "in_order_failing": 0,
        "examples": ["x" * 99 + "…", "b", "c"],
        "distribution": DISTRIBUTION,
    }
    (row,) = found.rows
    assert found.evidence.keys() == {row.id}
    assert " Two digits. " in row.rationale
    assert "Confidence 0.97: " in row.rationale


@pytest.mark.parametrize(
    "hidden",
    [
        {"personal": PersonalColumns(frozenset({"ID"}))},
        {"personal": PersonalColumns(all_of_them=True)},
        {"hidden": Hidden(frozenset({"id"}))},
        {"hidden": Hidden(rows=True)},
    ],
)
def test_no_value_of_a_column_that_is_not_public_is_evidence(
    judge: Judge, hidden: dict[str, Any]
) -> None:
    judge(sure)
    found = suggested(proposal(NOT_NULL, "id", examples=("x",)), **hidden)
    (facts,) = found.evidence.values()
    assert facts["rows"] == 998
    assert {"distribution", "examples"}.isdisjoint(facts)


def test_examples_of_a_check_of_several_columns_are_public_if_all_of_them_are(
    judge: Judge,
) -> None:
    judge(sure)
    several = Check("is_unique", {"columns": ["id", "price"]}, "u", "error")
    personal = PersonalColumns(frozenset({"price"}))
    for about, public in ((personal, False), (NOTHING_PERSONAL, True)):
        found = suggested(proposal(several, "id", examples=("x",)), personal=about)
        (facts,) = found.evidence.values()
        assert ("examples" in facts) is public


def test_a_list_that_is_doubted_does_not_keep_a_range_from_being_suggested(judge: Judge) -> None:
    doubts = {"is_in_list": "too few of each"}
    judge(lambda one: Judgement(one, 1.0, None, doubts.get(one.candidate.check.function)))
    found = suggested(proposal(LIST, "price"), proposal(RANGE, "price"))
    assert [row.name for row in found.rows] == ["price in range"]
    assert found.held_back == {"price_other_value": "too few of each"}


def test_a_rule_that_people_accepted_and_the_contract_lost_is_suggested_whatever_the_judge_says(
    judge: Judge,
) -> None:
    asked: list[Proposal] = []

    def doubt(one: Proposal) -> Judgement:
        asked.append(one)
        return Judgement(one, 0.5, None, "it is too unsure")

    judge(doubt)
    accepted = Check("is_in_range", {"column": "price", "min_limit": 1, "max_limit": 7}, "r", "x")
    known = known_of(decisions=[decision("s", "accepted", When.EARLIER, custom(accepted, "error"))])
    refits = Refits(1, 1, Passed(1, 1))
    ranged = proposal(RANGE, "price", random=refits, in_order=refits, examples=("x",))
    (draft,) = drafts_of([ranged]).drafts
    settled = {form: Evidence(Passed(998, 998)) for form, _ in to_try(draft, known)}
    found = suggested(ranged, known=known, settled=settled)
    (row,) = found.rows
    assert row.rule == "price from 1 to 7"
    assert (row.severity, row.confidence_score) == ("error", "0.50")
    (judged,) = asked
    assert judged.candidate.check.arguments["max_limit"] == 7
    assert (judged.random, judged.in_order, judged.examples) == (None, None, ())


@pytest.mark.parametrize(
    ("evidence", "held_back", "asked"),
    [
        (Evidence(Passed(998, 998)), below_confidence(), True),
        (Evidence(Passed(998, 997)), below_confidence(), False),
        (Evidence(Passed(998, 998), Passed(500, 499)), below_confidence(), False),
        (Evidence(), below_confidence(), False),
        (Evidence(Passed(998, 998)), "the worker has its own", False),
    ],
)
def test_a_new_value_of_a_rule_that_rows_break_needs_no_confidence_if_all_rows_pass(
    judge: Judge, evidence: Evidence, held_back: str, asked: bool
) -> None:
    judge(lambda one: Judgement(one, 0.5, None, held_back))
    rule = Check("is_in_range", {"column": "price", "min_limit": 1, "max_limit": 7}, "r", "x")
    known = known_of([custom(rule, "error")])
    (draft,) = drafts_of([proposal(RANGE, "price")]).drafts
    settled = {form: Evidence(Passed(998, 900)) for form, _ in to_try(draft, known)}
    found = suggested(proposal(RANGE, "price"), known=known, evidence=evidence, settled=settled)
    assert [row.rule for row in found.rows] == (["price from 1 to 9"] if asked else [])
    assert found.held_back == ({} if asked else {"r": held_back})


def test_of_two_proposals_of_one_check_the_one_that_is_not_held_back_counts() -> None:
    held_back = proposal(NOT_NULL, "id", origin=Origin.DQX, held_back="the worker has its own")
    for given in ((held_back, proposal(NOT_NULL, "id")), (proposal(NOT_NULL, "id"), held_back)):
        (draft,) = drafts_of(given).drafts
        assert draft.proposal is not None
        assert draft.proposal.held_back is None


def test_the_screen_is_the_same_for_proposals() -> None:
    found = drafts_of([proposal(RANGE, "price")], personal=PersonalColumns(frozenset({"price"})))
    assert found.drafts == []
    assert found.held_back == {"r": "it names values of a column of personal data"}


@pytest.mark.parametrize(
    ("why", "released"), [(estimated_instead(), True), (no_range_of_kind("key"), False)]
)
def test_a_check_stays_if_the_one_in_its_place_may_not_name_values(
    why: str, released: bool
) -> None:
    own = proposal(LIST, "price")
    filled = replace(NOT_NULL, arguments={"column": "price"})
    of_dqx = proposal(filled, "price", origin=Origin.DQX, held_back=why)

    beside = drafts_of([own, of_dqx])
    alone = drafts_of([own, of_dqx], personal=PersonalColumns(frozenset({"price"})))

    assert [one.proposal and one.proposal.held_back for one in beside.drafts] == [None, why]
    (draft,) = alone.drafts
    assert draft.proposal is not None
    assert (draft.proposal.held_back is None) == released


def test_of_the_workers_own_estimate_the_rows_held_out_are_those_of_its_refits(
    judge: Judge,
) -> None:
    judge(sure)
    random = Refits(9, 8, Passed(998, 997))
    own = proposal(NOT_NULL, "id", made_of=Passed(998, 998), random=random)
    found = suggested(own, evidence=Evidence(own.made_of))
    (facts,) = found.evidence.values()
    assert (facts["rows"], facts["failing"]) == (998, 0)
    assert (facts["held_out_rows"], facts["held_out_failing"]) == (998, 1)


def test_a_whole_table_has_no_bound(judge: Judge) -> None:
    judge(sure)
    (draft,) = drafts_of([proposal(NOT_NULL, "id")]).drafts
    tried = Tried({draft.id: Evidence(Passed(1234, 1234), Passed(10, 10))})
    found = suggest([draft], tried, WHOLE, ExistingChecks())
    assert "most_failing" not in found.evidence[draft.id]


@pytest.mark.parametrize(
    ("confidence", "text"),
    [(0, "0.00"), (0.29, "0.29"), (0.9999, "0.99"), (1, "1.00"), (1e-9, "0.00"), (0.57, "0.57")],
)
def test_a_confidence_is_rounded_down(confidence: float, text: str) -> None:
    assert confidence_text(Judgement(proposal(NOT_NULL, "id"), confidence, None, None)) == text


def test_a_finding_is_a_warning_without_confidence_that_sampled_rows_may_break(
    judge: Judge,
) -> None:
    judge(lambda one: Judgement(one, None, 0.8, None))
    some_fail = Evidence(Passed(998, 990), Passed(500, 499))
    found = suggested(proposal(LIST, "price", finding=True), evidence=some_fail)
    (row,) = found.rows
    assert (row.confidence_score, row.severity) == (None, "warning")
    assert "Confidence" not in row.rationale
    (facts,) = found.evidence.values()
    assert (facts["finding"], facts["wrong_share"]) == (True, 0.8)
    assert "confidence" not in facts


def test_that_a_column_always_has_one_value_is_no_error(judge: Judge) -> None:
    judge(sure)
    one, two = (replace(LIST, arguments={"column": "price", "allowed": of}) for of in ([0], [0, 1]))
    passing = Evidence(Passed(998, 998))

    found = [suggested(proposal(of, "price"), evidence=passing).rows[0] for of in (one, two)]

    assert [row.severity for row in found] == ["warning", "error"]
    assert [row.confidence_score for row in found] == ["1.00", "1.00"]


def test_that_numbers_have_few_decimal_places_is_no_error(judge: Judge) -> None:
    judge(sure)
    check = Check("has_num_decimal_places", {"column": "price", "limit": 2}, "places", "error")

    (row,) = suggested(proposal(check, "price"), evidence=Evidence(Passed(998, 998))).rows

    assert (row.severity, row.confidence_score) == ("warning", "1.00")


def test_a_check_that_failed_when_it_was_made_anew_is_no_error(judge: Judge) -> None:
    judge(sure)
    passing = Evidence(Passed(998, 998))
    for held, severity in ((3, "error"), (2, "warning")):
        refits = Refits(3, held, Passed(998, 998))
        for trials in ({"random": refits}, {"in_order": refits}):
            (row,) = suggested(proposal(RANGE, "price", **trials), evidence=passing).rows
            assert row.severity == severity


def test_a_finding_of_values_beyond_a_bound_is_about_accuracy(judge: Judge) -> None:
    judge(lambda one: Judgement(one, None if one.finding else 0.99, None, None))
    (rule,) = suggested(proposal(RANGE, "price")).rows
    (finding,) = suggested(proposal(RANGE, "price", finding=True)).rows
    assert (rule.dimension, finding.dimension) == ("conformity", "accuracy")


@pytest.mark.parametrize(
    ("kind", "shown"),
    [(ColumnKind.EMAIL, False), (ColumnKind.PHONE, False), (ColumnKind.CODE, True)],
)
def test_values_of_people_are_no_evidence_even_if_the_contract_is_silent(
    judge: Judge, kind: ColumnKind, shown: bool
) -> None:
    judge(sure)
    found = suggested(proposal(NOT_NULL, "id", kind=kind, examples=("ann@example.com",)))

    (facts,) = found.evidence.values()
    assert ("examples" in facts) == ("distribution" in facts) == shown
    assert ("ann@example.com" in found.rows[0].rationale) == shown
