"""From a profile and the rows it was made of to what may be suggested."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import numpy as np

from worker.checks.catalogue import function_of
from worker.counting.check import Passed
from worker.profiling.results import Candidate, TableProfile
from worker.suggestions.column import Column, Flags
from worker.suggestions.estimates.chains import Chain, chains_for
from worker.suggestions.estimates.estimate import Estimate, Estimator
from worker.suggestions.estimates.imitations import imitation_of
from worker.suggestions.judgement import Origin, Proposal
from worker.suggestions.kinds.column_kind import ColumnKind, Described
from worker.suggestions.kinds.describe import describe
from worker.suggestions.order import order_of
from worker.suggestions.refits import Splits, refit
from worker.suggestions.replaced import Replace, reasons_to_replace

__all__ = ["TOLERATED", "propose"]

TOLERATED = 0.03
"""The greatest share of the rows that may be wrong."""
_EXAMPLES = 3
_UNSEEN = Described(ColumnKind.OTHER, "its values were not fetched")


def propose(
    profile: TableProfile,
    columns: Sequence[Column],
    *,
    now: datetime,
    tolerated: float = TOLERATED,
) -> list[Proposal]:
    """Return the worker's own candidates, and DQX's; those that they replace are held back.

    `columns` are those of the rows that were fetched, all with the same rows; `now` is the time by
    which a date lies in the future. If a `tolerated` share of the rows at most breaks a rule that
    the others suggest, it is a finding.
    """
    kinds = {one.path: describe(one) for one in columns}
    order = order_of(columns, kinds)
    splits = Splits.of(columns[0].rows if columns else 0, order)
    own = [
        found
        for column in columns
        for chain in chains_for(kinds[column.path].kind, column, now, tolerated)
        for found in _of_chain(column, chain, kinds[column.path], splits)
    ]
    return [*own, *_of_dqx(profile.candidates, columns, kinds, splits, reasons_to_replace(own))]


def _of_chain(column: Column, chain: Chain, kind: Described, splits: Splits) -> Iterator[Proposal]:
    """Yield what a few rows break, else the strictest rule that survives its trials.

    If none survives, the last one is yielded: the judge has the say.
    """
    every = np.ones(column.rows, dtype=bool)
    for estimator in chain.tolerant:
        estimate = estimator(column, every)
        if estimate is not None:
            proposal = _proposal(column, estimate, kind)
            if estimate.failing(column).any():
                # The rows that break it would widen a strict rule, which then says less.
                yield dataclasses.replace(proposal, finding=True)
                return
            break
    found = None
    for estimator in chain.strict:
        estimate = estimator(column, every)
        if estimate is None:
            continue
        found = _with_refits(_proposal(column, estimate, kind), column, estimator, splits)
        if _survives(found):
            break
    if found is not None:
        yield found


def _proposal(column: Column, estimate: Estimate, kind: Described) -> Proposal:
    check = function_of(estimate.function).check(column.path, **estimate.arguments)
    failing = estimate.failing(column)
    return Proposal(
        Candidate(check, "", column.path, None, zoneless=column.is_zoneless),
        Origin.WORKER,
        kind.kind,
        kind.reason,
        estimate.reason,
        estimate.expected,
        made_of=Passed(column.rows, column.rows - int(failing.sum())),
        examples=_examples(column, failing),
    )


def _examples(column: Column, failing: Flags) -> Sequence[object]:
    """Return the most frequent of the values that fail."""
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


def _of_dqx(
    candidates: Sequence[Candidate],
    columns: Sequence[Column],
    kinds: Mapping[str, Described],
    splits: Splits,
    replace: Replace,
) -> Iterator[Proposal]:
    by_path = {one.path: one for one in columns}
    for candidate in candidates:
        kind = kinds.get(candidate.column, _UNSEEN)
        found = Proposal(
            candidate,
            Origin.DQX,
            kind.kind,
            kind.reason,
            candidate.description or "",
            held_back=replace(candidate, kind.kind),
        )
        column, imitation = by_path.get(candidate.column), imitation_of(candidate.check.function)
        if column is not None and imitation is not None:
            estimate = imitation(column, np.ones(column.rows, dtype=bool))
            expected = None if estimate is None else estimate.expected
            found = dataclasses.replace(found, expected=expected)
            found = _with_refits(found, column, imitation, splits)
        yield found
