"""Why a suggestion can be trusted, in a sentence or two for people; every number is counted."""

import math

from worker.checks.catalogue import function_of
from worker.counting.check import Check, Passed
from worker.judging.proposal import Judgement
from worker.profiling.results import Candidate, Evidence
from worker.sampling.sample_facts import SampleFacts, Sampling
from worker.suggestions.decided_before import decided_before
from worker.suggestions.existing_checks import Past
from worker.suggestions.failing_share import CONFIDENCE, most_failing
from worker.suggestions.judged_rationale import judged_rationale

__all__ = ["rationale"]

# From here on DQX's descriptions repeat extreme values of the column.
_VALUES_FOLLOW = (" avg=", " Lower boundary")
_CHANGED = "read again, the table returned other rows"
_DIGITS = 2


def rationale(
    candidate: Candidate,
    check: Check,
    evidence: Evidence,
    sample: SampleFacts,
    *,
    past: Past,
    before: Evidence,
    judgement: Judgement | None = None,
    public: bool = False,
) -> str:
    """Return in words what people decided before, and the evidence for a check.

    `before` is the evidence for the rule that it changes, or that was rejected. Values of the
    column are named only if they are `public`.
    """
    decided = decided_before(check, past, evidence, before)
    if judgement is not None:
        judged = judged_rationale(judgement, evidence, sample, public=public)
        return " ".join(part for part in (decided, judged, _only(check)) if part)
    parts = [
        decided,
        _tried(check, evidence, sample),
        _observed(candidate, check),
        _nans(candidate, check),
        _only(check),
    ]
    return " ".join(part for part in parts if part)


def _only(check: Check) -> str | None:
    return f"Only rows where {check.filter}." if check.filter else None


def _tried(check: Check, evidence: Evidence, sample: SampleFacts) -> str:
    looked_at, others = evidence.looked_at, evidence.others
    # Rows that a filter leaves out are not looked at.
    table = "that the filter leaves" if check.filter else "of the table"
    if looked_at is None and evidence.changed:
        return f"Rests on rows of a further draw; not tried: {_CHANGED}."
    if looked_at is None:
        return _rests_on(sample, table)
    if sample.whole:
        return f"{_passed(looked_at, table)}; there are no others to try it on."
    made_of = f"{_passed(looked_at, 'that it was made of')}, {_drawn(sample)}"
    if evidence.changed:
        return f"{made_of}; not tried on others: {_CHANGED}."
    if others is None or not others.rows:
        return f"{made_of}; it was tried on no others."
    if evidence.others_cut:
        drawn = "the first of those drawn at random,"
        return f"{made_of}; of {_rows(others.rows, 'other ')}, {drawn} {_counts(others)}."
    share = _percent(most_failing(others.rows, others.rows - others.passing))
    tried = f"of {_rows(others.rows, 'other ')} drawn at random {_counts(others)}"
    bound = f"with {CONFIDENCE:.0%} confidence at most {share} of the rows not looked at fail"
    return f"{made_of}; {tried}: {bound}."


def _passed(passed: Passed, which: str) -> str:
    failing = passed.rows - passed.passing
    if not failing:
        passes = "passes" if passed.rows == 1 else "pass"
        return f"{_all(passed.rows).capitalize()} {which} {passes}"
    return f"{passed.passing:,} of {_rows(passed.rows)} {which} {_verbs(passed.passing, failing)}"


def _rows(count: int, which: str = "") -> str:
    return f"{count:,} {which}row" + ("" if count == 1 else "s")


def _all(count: int) -> str:
    return "the one row" if count == 1 else f"all {_rows(count)}"


def _counts(passed: Passed) -> str:
    failing = passed.rows - passed.passing
    if not failing:
        return "it passes" if passed.rows == 1 else "all pass"
    return f"{passed.passing:,} {_verbs(passed.passing, failing)}"


def _verbs(passing: int, failing: int) -> str:
    passes = "passes" if passing == 1 else "pass"
    return f"{passes} and {failing:,} {'fails' if failing == 1 else 'fail'}"


def _percent(share: float) -> str:
    """Return a share rounded up to two digits: it is a bound."""
    percent = share * 100
    places = max(0, _DIGITS - 1 - math.floor(math.log10(percent)))
    scale = 10.0**places
    return f"{math.ceil(percent * scale) / scale:.{places}f}%"


def _observed(candidate: Candidate, check: Check) -> str | None:
    """Return the observation that led to the rule."""
    if not candidate.profile:
        return None
    known = function_of(check.function)
    if known.observed:
        return known.observed(check.arguments)
    # DQX describes a tolerated share in rounded numbers; the counts of rows are exact.
    if not candidate.description or known.tolerates:
        return None
    text = candidate.description
    for mark in _VALUES_FOLLOW:
        text = text.split(mark)[0]
    return text.strip().rstrip(".") + "."


def _nans(candidate: Candidate, check: Check) -> str | None:
    """Return how many rows pass without a number."""
    if not candidate.nans or not function_of(check.function).passes_nan:
        return None
    verb = "holds" if candidate.nans == 1 else "hold"
    return f"{_rows(candidate.nans)} that it was made of {verb} NaN, which passes."


def _drawn(sample: SampleFacts) -> str:
    of_rows = f"{sample.of_rows:,}"
    cut = sample.limit is not None and sample.rows >= sample.limit
    if sample.sampling is Sampling.REPRESENTATIVE and not cut:
        return f"drawn at random from all {of_rows} (seed {sample.seed})"
    share = f"a random {(sample.fraction or 0) * 100:.6g}% of {of_rows} (seed {sample.seed})"
    return f"the first {sample.rows:,} of {share}" if cut else share


def _rests_on(sample: SampleFacts, table: str) -> str:
    if sample.whole:
        return f"Rests on {_all(sample.rows)} {table}; it was tried on none."
    return f"Rests on {_rows(sample.rows)}, {_drawn(sample)}; it was tried on none."
