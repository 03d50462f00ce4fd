"""Why a judged suggestion can be trusted: first what would happen, then why, then how sure that is.

Every number is counted, but for the confidence, which is estimated.
"""

from collections.abc import Iterator, Sequence

from worker.counting.check import Passed
from worker.judging.proposal import Judgement, Origin, Refits
from worker.profiling.results import Evidence
from worker.sampling.sample_facts import SampleFacts
from worker.suggestions.apply_judgement import confidence_text
from worker.suggestions.as_people_write import percent, rows
from worker.suggestions.distribution import as_text

__all__ = ["judged_rationale", "of_the_others"]

_LONGEST_EXAMPLE = 30
_ALL_AND_OTHERS = (
    ("Every ", "Every other "),
    ("No ", "No other "),
    ("All ", "All other "),
    ("The list holds", "Of the other rows, the list holds"),
)
"""How the reason for a rule begins, and how it begins if some rows break it."""


def judged_rationale(
    judgement: Judgement, evidence: Evidence, sample: SampleFacts, *, public: bool
) -> str:
    """Return the reasons in a few sentences; examples of values only if they are `public`."""
    proposal = judgement.proposal
    tried = _tried(evidence)
    parts: list[str] = []
    if tried is not None:
        examples = proposal.examples if public else ()
        parts.append(_effect(tried, sample, examples))
    if proposal.origin is Origin.WORKER:
        reason = of_the_others(proposal.reason) if proposal.finding else proposal.reason
        parts += [reason, *_refits(proposal.random, proposal.in_order)]
    parts += _trust(judgement)
    return " ".join(one for one in parts if one)


def of_the_others(reason: str) -> str:
    """Return the reason for a rule as one for a finding, which some rows break."""
    for all_rows, others in _ALL_AND_OTHERS:
        if reason.startswith(all_rows):
            return others + reason.removeprefix(all_rows)
    return reason


def _tried(evidence: Evidence) -> Passed | None:
    found = [one for one in (evidence.looked_at, evidence.others) if one is not None]
    tried = Passed(sum(one.rows for one in found), sum(one.passing for one in found))
    return tried if tried.rows else None


def _effect(tried: Passed, sample: SampleFacts, examples: Sequence[object]) -> str:
    failing = tried.rows - tried.passing
    whole = tried.rows >= sample.of_rows
    one = tried.rows == 1
    here = "there is" if one else "there are"
    which = here if whole else f"tried, of {sample.of_rows:,} in the table"
    if not failing:
        return f"Holds for {'the one row' if one else f'all {rows(tried.rows)}'} {which}."
    share = percent(failing / tried.rows)
    said = f"Would flag {failing:,} of {rows(tried.rows)} {which} ({share})"
    listed = ", ".join(f'"{_short(one)}"' for one in examples)
    with_values = "with the value" if failing == 1 else "with values such as"
    return f"{said}, {with_values} {listed}." if listed else f"{said}."


def _refits(random: Refits | None, in_order: Refits | None) -> Iterator[str]:
    """Yield how often the rule held if it was made without the rows that it was tried on."""
    if random is not None:
        yield f"Made of two thirds of the rows, it held for the other third {_times(random)}."
    if in_order is not None:
        yield f"Made of earlier rows, it held for later ones {_times(in_order)}."


def _times(refits: Refits) -> str:
    return f"in {refits.held} of {refits.parts} trials"


def _trust(judgement: Judgement) -> Iterator[str]:
    text = confidence_text(judgement)
    if text is not None:
        yield (
            f"Confidence {text}: the estimated probability that it flags no correct row of the "
            "next load."
        )
    if judgement.wrong_share is not None:
        share = percent(judgement.wrong_share)
        yield f"It is a finding: about {share} of the rows that it flags are expected to be wrong."


def _short(value: object) -> str:
    text = as_text(value)
    return text if len(text) <= _LONGEST_EXAMPLE else f"{text[: _LONGEST_EXAMPLE - 1]}…"
