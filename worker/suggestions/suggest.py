"""From drafts to rows, and to what is held back or replaced."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from worker.checks.catalogue import CATALOGUE
from worker.checks.personal_data import NOTHING_PERSONAL, PersonalColumns
from worker.profiling.results import Evidence
from worker.sampling.sample_facts import SampleFacts
from worker.suggestions.apply_judgement import judged
from worker.suggestions.distribution import Distribution
from worker.suggestions.draft import Draft
from worker.suggestions.evidence_facts import Facts, facts_of
from worker.suggestions.existing_checks import ExistingChecks
from worker.suggestions.held_back import HeldBack, hold_back
from worker.suggestions.options import CheckOptions
from worker.suggestions.reasons_to_hold_back import reasons_to_hold_back
from worker.suggestions.suggest_again import Tried, restored
from worker.suggestions.suggestion_row import SuggestionRow, row_of

__all__ = ["Suggestions", "suggest"]

_ALL_DEFAULTS = CheckOptions()
_NO_DISTRIBUTIONS: Mapping[str, Distribution] = {}


@dataclass(slots=True)
class Suggestions:
    """What is written, what is held back, and what goes."""

    rows: list[SuggestionRow] = field(default_factory=list)
    held_back: HeldBack = field(default_factory=dict)
    superseded: list[str] = field(default_factory=list)
    """Ids of pending suggestions that are to be removed."""
    personal: list[str] = field(default_factory=list)
    """Ids of pending suggestions of the run itself whose evidence may have no values."""
    functions: Counter[str] = field(default_factory=Counter)
    """How many rows have each check function; those that the catalogue lacks are `custom`."""
    evidence: dict[str, Facts] = field(default_factory=dict)
    """For the rows, by their ids."""


def suggest(
    drafts: Sequence[Draft],
    tried: Tried,
    sample: SampleFacts,
    known: ExistingChecks,
    *,
    held_back: Mapping[str, str] | None = None,
    personal: PersonalColumns = NOTHING_PERSONAL,
    options: CheckOptions = _ALL_DEFAULTS,
    distributions: Mapping[str, Distribution] = _NO_DISTRIBUTIONS,
) -> Suggestions:
    """Return a row for each draft that is not decided.

    `held_back` are the checks that did not become drafts; those that this function holds back
    follow them. Pending suggestions of earlier runs are superseded. Those that the run itself wrote
    before stay, unless they name values of a column that has become personal; the evidence for the
    others about such a column keeps none. `distributions` are those of the columns, by their paths.
    """
    found = Suggestions(held_back=dict(held_back or {}), superseded=list(known.waiting))
    for id_, check in (one for suggested in known.own.values() for one in suggested):
        if personal.publishes(check):
            found.superseded.append(id_)
        elif personal.concerns(check):
            found.personal.append(id_)
    drafts, tried = _restored(drafts, tried, known)
    judgements = judged(drafts, tried, options)
    reasons = reasons_to_hold_back(drafts, tried, judgements, known, options)
    for one in drafts:
        if (reason := reasons[one.id]) is not None:
            hold_back(found.held_back, one.check.name, reason)
        else:
            judgement = judgements.get(one.id)
            found.rows.append(row_of(one, tried, sample, known, judgement))
            function = one.check.function
            found.functions[function if function in CATALOGUE else "custom"] += 1
            evidence = tried.drafts.get(one.id, Evidence())
            spread = distributions.get(one.candidate.column)
            found.evidence[one.id] = facts_of(one, evidence, sample, judgement, spread)
    return found


def _restored(
    drafts: Sequence[Draft], tried: Tried, known: ExistingChecks
) -> tuple[Sequence[Draft], Tried]:
    """Return each draft once, or the rule that takes its place, and what became of each."""
    found = {
        one.id: (one, evidence) for one, evidence in (restored(d, known, tried) for d in drafts)
    }
    evidence = {id_: evidence for id_, (_, evidence) in found.items()}
    return [one for one, _ in found.values()], replace(tried, drafts=evidence)
