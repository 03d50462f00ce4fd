"""From a profile and the rows it was made of to what may be suggested."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

import numpy as np
import pyarrow as pa

from worker.checks.catalogue import function_of
from worker.counting.check import Passed
from worker.estimates.chains import MAY_BE_OF_KEY, Beside, Chain, chains_for
from worker.estimates.composite_keys import composite_key, together
from worker.estimates.estimate import Estimate, Estimator
from worker.estimates.filled import missing_together
from worker.estimates.imitations import imitation_of
from worker.estimates.keys import unique
from worker.judging.and_filled import and_filled
from worker.judging.catches import caught_by_dqx, caught_by_estimate, caught_of_pair
from worker.judging.options import JudgingOptions
from worker.judging.order_of_rows import drifts_of, order_of
from worker.judging.proposal import Origin, Proposal
from worker.judging.refits import Splits, refit
from worker.judging.replaced import reasons_to_replace
from worker.kinds.column import Column, Flags, count_of
from worker.kinds.column_kind import ColumnKind, Described
from worker.kinds.describe import describe
from worker.profiling.results import Candidate, TableProfile
from worker.ranges.drift import Drift
from worker.slips.misplaced import frequent_texts, values_elsewhere

__all__ = ["propose"]

_DEFAULTS = JudgingOptions()
_EXAMPLES = 3
_KEY = "is_unique"
_NOTHING: frozenset[str] = frozenset()
_UNSEEN = Described(ColumnKind.OTHER, "its values were not fetched")
_UNKNOWN = Described(ColumnKind.OTHER, "its values could not be read")

T = TypeVar("T")
Failed = Callable[[str, Exception], None]
"""Takes the path of a column, and why something could not be made of its values."""


# Sums and differences of the greatest numbers overflow, and infinities have no difference.
@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def propose(
    profile: TableProfile,
    columns: Sequence[Column],
    *,
    now: datetime,
    tolerated: float = _DEFAULTS.findings,
    condition: str | None = None,
    failed: Failed | None = None,
) -> list[Proposal]:
    """Return the worker's own candidates, and DQX's; those that they replace are held back.

    `columns` are those of the rows that were fetched, all with the same rows; `now` is the time by
    which a date lies in the future. If a `tolerated` share of the rows at most breaks a rule that
    the others suggest, it is a finding; with 0 there are no findings. If a filter left these rows,
    it is the `condition` of the checks that are made of them. If something raises for a column,
    the others keep their proposals, and `failed` is called.
    """
    made = partial(_made, failed)
    kinds = {one.path: made(one.path, partial(describe, one)) or _UNKNOWN for one in columns}
    order = order_of(columns, kinds)
    splits = Splits.of(columns[0].rows if columns else 0, order)
    drift = drifts_of(columns, order)
    elsewhere = values_elsewhere(
        {one.path: made(one.path, partial(frequent_texts, one)) or _NOTHING for one in columns}
    )
    together = missing_together(columns)
    own = [
        found
        for column in columns
        for chain in chains_for(
            kinds[column.path].kind,
            column,
            Beside(
                now,
                tolerated,
                elsewhere[column.path],
                column.path in together,
                drift.get(column.path, Drift.NONE),
            ),
        )
        if (
            found := made(
                column.path,
                partial(
                    _of_chain,
                    column,
                    chain if tolerated else Chain(chain.strict),
                    kinds[column.path],
                    splits,
                ),
            )
        )
    ]
    own += _of_composite_key(columns, kinds, own, splits)
    own = [_of_rows(one, condition) for one in own]
    own += _of_dqx(profile, columns, kinds, own, splits=splits, failed=failed)
    return [_of_load(one, profile, columns) for one in and_filled(own, _nulls(profile))]


def _of_dqx(
    profile: TableProfile,
    columns: Sequence[Column],
    kinds: Mapping[str, Described],
    own: Sequence[Proposal],
    *,
    splits: Splits,
    failed: Failed | None,
) -> list[Proposal]:
    """Return DQX's candidates; those that the worker's own replace are held back."""
    replace = reasons_to_replace(own)
    by_path = {one.path: one for one in columns}
    proposals = []
    for candidate in profile.candidates:
        kind = kinds.get(candidate.column, _UNSEEN)
        found = Proposal(
            candidate,
            Origin.DQX,
            kind.kind,
            kind.reason,
            candidate.description or "",
            held_back=replace(candidate, kind.kind),
        )
        imitate = partial(_imitated, found, by_path.get(candidate.column), splits)
        proposals.append(_made(failed, candidate.column, imitate) or found)
    return proposals


def _of_load(proposal: Proposal, profile: TableProfile, columns: Sequence[Column]) -> Proposal:
    """Return a proposal with what it expects of a load as large as the table, not as these rows."""
    if proposal.expected is None or not columns or not columns[0].rows:
        return proposal
    times = profile.sample.of_rows / columns[0].rows
    if times <= 1:
        return proposal
    return dataclasses.replace(proposal, expected=proposal.expected * times)


def _nulls(profile: TableProfile) -> Mapping[str, int]:
    """Return how many of the rows that were looked at lack a value, by column."""
    counts = {path: one.get("count_null") for path, one in profile.statistics.items()}
    return {path: one for path, one in counts.items() if isinstance(one, int)}


def _of_composite_key(
    columns: Sequence[Column],
    kinds: Mapping[str, Described],
    own: Sequence[Proposal],
    splits: Splits,
) -> Iterator[Proposal]:
    """Yield the key of two columns, if no single one names the rows."""
    if any(one.candidate.check.function == _KEY for one in own):
        return
    found = composite_key([one for one in columns if kinds[one.path].kind in MAY_BE_OF_KEY])
    if found is None:
        return
    both = together(*found)
    every = np.ones(both.rows, dtype=bool)
    if (estimate := unique()(both, every)) is None:
        return
    paths = [one.path for one in found]
    check = function_of(_KEY).check(both.path, columns=paths)
    proposal = Proposal(
        Candidate(check, "", both.path, None),
        Origin.WORKER,
        ColumnKind.KEY,
        "the two columns together name a row",
        "No two rows have the same values in both; by chance many would.",
        estimate.expected,
        made_of=Passed(both.rows, both.rows),
        caught=caught_of_pair(),
    )
    yield _with_refits(proposal, both, unique(), splits)


def _made(failed: Failed | None, path: str, make: Callable[[], T]) -> T | None:
    """Return what is made of a column; None if that fails, which is reported."""
    try:
        return make()
    except Exception as error:  # noqa: BLE001 - values may be anything, and the others go on
        if failed is not None:
            failed(path, error)
        return None


def _of_chain(column: Column, chain: Chain, kind: Described, splits: Splits) -> Proposal | None:
    """Return what a few rows break, else the strictest rule that survives its trials.

    If none survives, the last one is returned: the judge has the say.
    """
    every = np.ones(column.rows, dtype=bool)
    for estimator in chain.tolerant:
        estimate = estimator(column, every)
        if estimate is not None:
            proposal = _proposal(column, estimate, kind)
            if estimate.failing(column).any():
                # The rows that break it would widen a strict rule, which then says less.
                caught = caught_by_estimate(column, estimate)
                return dataclasses.replace(proposal, finding=True, caught=caught)
            break
    found = None
    for estimator in chain.strict:
        estimate = estimator(column, every)
        if estimate is None:
            continue
        proposal = _with_refits(_proposal(column, estimate, kind), column, estimator, splits)
        found = proposal, estimate
        if _survives(proposal):
            break
    if found is None:
        return None
    proposal, estimate = found
    return dataclasses.replace(proposal, caught=caught_by_estimate(column, estimate))


def _proposal(column: Column, estimate: Estimate, kind: Described) -> Proposal:
    check = function_of(estimate.function).check(column.path, **estimate.arguments)
    failing = estimate.flagged(column, np.ones(column.rows, dtype=bool))
    return Proposal(
        Candidate(check, "", column.path, None, zoneless=column.is_zoneless),
        Origin.WORKER,
        kind.kind,
        kind.reason,
        estimate.reason,
        estimate.expected,
        made_of=Passed(column.rows, column.rows - count_of(failing)),
        examples=_examples(column, failing),
    )


def _of_rows(proposal: Proposal, condition: str | None) -> Proposal:
    """Return a proposal whose check is of the rows of a condition alone, if there is one."""
    if condition is None:
        return proposal
    candidate = proposal.candidate
    check = dataclasses.replace(candidate.check, filter=condition)
    return dataclasses.replace(proposal, candidate=dataclasses.replace(candidate, check=check))


def _examples(column: Column, failing: Flags) -> Sequence[object]:
    """Return the most frequent of the values that fail."""
    if pa.types.is_nested(column.values.type) or not failing.any():
        return ()
    times = column.times(failing)
    most = np.argsort(-times, kind="stable")[:_EXAMPLES]
    return [column.different[int(at)].as_py() for at in most if times[at]]


def _with_refits(
    proposal: Proposal, column: Column, estimator: Estimator, splits: Splits
) -> Proposal:
    return dataclasses.replace(
        proposal,
        random=refit(column, estimator, splits.random),
        in_order=refit(column, estimator, splits.in_order),
    )


def _survives(proposal: Proposal) -> bool:
    refits = (proposal.random, proposal.in_order)
    return all(one is None or one.held == one.parts for one in refits)


def _imitated(found: Proposal, column: Column | None, splits: Splits) -> Proposal:
    """Return a proposal of DQX's with what it catches, and what becomes of an imitation of it."""
    if column is None:
        return found
    caught = caught_by_dqx(column, found.candidate.check)
    imitation = imitation_of(found.candidate.check.function)
    if imitation is None:
        return dataclasses.replace(found, caught=caught)
    found = dataclasses.replace(found, caught=caught, expected=imitation.expected(column))
    return _with_refits(found, column, imitation.make, splits)
