"""From a profile and the rows it was made of to what may be suggested."""

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np

from worker.checks.catalogue import function_of
from worker.profiling.results import Candidate, TableProfile
from worker.suggestions.column import Column
from worker.suggestions.estimates.chains import Chain, chains_for
from worker.suggestions.estimates.estimate import Estimate
from worker.suggestions.estimates.imitations import imitation_of
from worker.suggestions.judgement import Origin, Proposal, Refits
from worker.suggestions.kinds.column_kind import ColumnKind, Described
from worker.suggestions.kinds.describe import describe
from worker.suggestions.order import order_of
from worker.suggestions.refits import Splits, refit
from worker.suggestions.replaced import Replace, reasons_to_replace

__all__ = ["propose"]

_UNSEEN = Described(ColumnKind.OTHER, "its values were not fetched")


def propose(profile: TableProfile, columns: Sequence[Column], *, now: datetime) -> list[Proposal]:
    """Return the worker's own candidates, and DQX's, of which those are held back that they replace.

    `columns` are those of the rows that were fetched, all with the same rows; `now` is the time by
    which a date lies in the future.
    """
    kinds = {one.path: describe(one) for one in columns}
    order = order_of(columns, kinds)
    splits = Splits.of(columns[0].rows if columns else 0, order)
    own = [
        found
        for column in columns
        for chain in chains_for(kinds[column.path].kind, column, now)
        for found in _of_chain(column, chain, kinds[column.path], splits)
    ]
    replace = reasons_to_replace(own)
    of_path = {one.path: one for one in columns}
    return [
        *own,
        *(
            _of_dqx(one, of_path.get(one.column), kinds.get(one.column, _UNSEEN), splits, replace)
            for one in profile.candidates
        ),
    ]


def _of_chain(column: Column, chain: Chain, kind: Described, splits: Splits) -> Iterator[Proposal]:
    """Yield the first estimate that survives its trials; the last one if none does."""
    found = None
    every = np.ones(column.rows, dtype=bool)
    for estimator in chain.estimators:
        estimate = estimator(column, every)
        if estimate is None:
            continue
        random, in_order = (
            refit(column, estimator, one) for one in (splits.random, splits.in_order)
        )
        found = _proposal(column, estimate, kind, random, in_order)
        if all(one is None or one.held == one.parts for one in (random, in_order)):
            break
    if found is not None:
        yield found


def _proposal(
    column: Column,
    estimate: Estimate,
    kind: Described,
    random: Refits | None,
    in_order: Refits | None,
) -> Proposal:
    check = function_of(estimate.function).check(column.path, **estimate.arguments)
    return Proposal(
        Candidate(check, "", column.path, None),
        Origin.WORKER,
        kind.kind,
        kind.reason,
        estimate.reason,
        estimate.expected,
        random,
        in_order,
    )


def _of_dqx(
    candidate: Candidate, column: Column | None, kind: Described, splits: Splits, replace: Replace
) -> Proposal:
    found = Proposal(
        candidate,
        Origin.DQX,
        kind.kind,
        kind.reason,
        candidate.description or "",
        held_back=replace(candidate, kind.kind),
    )
    imitation = imitation_of(candidate.check.function)
    if column is None or imitation is None:
        return found
    estimate = imitation(column, np.ones(column.rows, dtype=bool))
    if estimate is None:
        return found
    return dataclasses.replace(
        found,
        expected=estimate.expected,
        random=refit(column, imitation, splits.random),
        in_order=refit(column, imitation, splits.in_order),
    )
