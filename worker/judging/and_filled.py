"""One rule for two: bounds of a column that is never null refuse null, too."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from worker.checks.catalogue import function_of
from worker.judging import errors
from worker.judging.catches import Caught
from worker.judging.proposal import Origin, Proposal

__all__ = ["and_filled"]

_FILLED = "is_not_null"
_SWITCH = "allow_nulls"
_MOST_EXPECTED = 1 / 3
"""Rows of the next load without a value: of fewer than 300 full rows there may be more. Then the
bounds do without."""


def and_filled(proposals: Sequence[Proposal], nulls: Mapping[str, int]) -> list[Proposal]:
    """Return the proposals, of which one of a column's own bounds takes the place of DQX's rule.

    It does if both survived all of their trials, none of the rows that were looked at has a null
    (`nulls` are their numbers, by column), and hardly one is expected to.
    """
    filled = {
        one.candidate.column: one
        for one in proposals
        if one.candidate.check.function == _FILLED
        and one.origin is Origin.DQX
        and nulls.get(one.candidate.column) == 0
        and _is_sure(one)
        and one.expected is not None
        and one.expected <= _MOST_EXPECTED
    }
    found, replaced = [], set()
    for one in proposals:
        column = one.candidate.column
        if column in filled and column not in replaced and _may_refuse_null(one):
            replaced.add(column)
            found.append(_with(one, filled[column]))
        elif filled.get(column) is one and column in replaced:
            found.append(replace(one, held_back=errors.estimated_instead()))
        else:
            found.append(one)
    return found


def _is_sure(one: Proposal) -> bool:
    survives = all(part is None or part.held == part.parts for part in (one.random, one.in_order))
    return one.random is not None and survives and not one.finding and one.held_back is None


def _may_refuse_null(one: Proposal) -> bool:
    check = one.candidate.check
    takes = _SWITCH in function_of(check.function).arguments and _SWITCH not in check.arguments
    return one.origin is Origin.WORKER and takes and _is_sure(one)


def _with(one: Proposal, filled: Proposal) -> Proposal:
    """Return a proposal that refuses null, too."""
    candidate = one.candidate
    check = replace(candidate.check, arguments={**candidate.check.arguments, _SWITCH: False})
    return replace(
        one,
        candidate=replace(candidate, check=check),
        reason=f"{one.reason} Every row has a value.",
        expected=(one.expected or 0.0) + (filled.expected or 0.0),
        caught=_both(one.caught, filled.caught),
    )


def _both(one: Caught | None, other: Caught | None) -> Caught | None:
    if one is None or other is None:
        return None
    return Caught(one.bits | other.bits, one.errors)
