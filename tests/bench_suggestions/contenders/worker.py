"""This worker, by the product's own way from a file to judged checks, and to DQX's checks alone."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from tests.bench_suggestions.contenders.contender import CLIENT, digest_of, file_of, rule_of
from tests.bench_suggestions.place import Past, Place
from tests.bench_suggestions.rule import Flags, Offer
from worker.judging.judge import judge
from worker.judging.proposal import Judgement, Proposal
from worker.judging.propose import propose
from worker.kinds.column import Column
from worker.profiling.dqx import Dqx
from worker.profiling.evidence import gather_evidence
from worker.profiling.results import Evidence, TableProfile, Trial
from worker.sampling.rows_at_hand import RowsAtHand, fetch_rows
from worker.sampling.sample import draw_sample
from worker.suggestions.choice import superfluous
from worker.suggestions.draft import Draft
from worker.suggestions.options import CheckOptions
from worker.suggestions.refuted_by_sample import refutation

__all__ = ["Tried", "as_stock", "judged", "tried", "version_of_worker"]

_ROOT = Path(__file__).parents[3]
_ROW = "row"
_BAR = CheckOptions().confidence


@cache
def version_of_worker() -> str:
    """Return a digest of the worker's code and of this file, once: it may change meanwhile."""
    return digest_of([*(_ROOT / "worker").rglob("*.py"), Path(__file__)])


@dataclass(frozen=True)
class Tried:
    """What the worker proposes for a past, and what became of it."""

    proposals: Sequence[tuple[Proposal, Evidence]]
    looked_at: Flags
    profile_seconds: float
    beyond_seconds: float


def judged(place: Place, past: Past) -> Offer:
    """Make what the worker suggests if it judges."""
    found = tried(place, past)
    judgements = [judge(one, evidence, _BAR) for one, evidence in found.proposals]
    rules = []
    for judgement, chosen in zip(judgements, _chosen(judgements), strict=True):
        rule = rule_of(judgement.proposal.candidate)
        if rule is not None:
            rules.append(
                replace(
                    rule,
                    confidence=judgement.confidence,
                    offered=chosen,
                    finding=judgement.proposal.finding,
                )
            )
    return Offer(rules, found.looked_at, found.profile_seconds, found.beyond_seconds)


def _chosen(judgements: Sequence[Judgement]) -> Sequence[bool]:
    """Return which are suggested: not held back, and not superfluous beside the others."""
    kept = [one.held_back is None for one in judgements]
    drafts = [
        Draft(str(at), one.proposal.candidate.check, one.proposal.candidate, None, "", one.proposal)
        for at, one in enumerate(judgements)
        if kept[at]
    ]
    for draft in superfluous(drafts):
        kept[int(draft.id)] = False
    return kept


def tried(place: Place, past: Past) -> Tried:
    """Propose checks for a past, and try them."""
    with file_of(place, past.rows) as table:
        began = time.perf_counter()
        sample = draw_sample(place.engine, table, place.options)
        profile = Dqx(CLIENT, place.engine).profile(sample, threading.Event())
        profiled = time.perf_counter()
        rows = fetch_rows(sample, place.options.sample_bytes)
        columns = [Column(path, values) for path, values in rows.columns()]
        proposals = propose(profile, columns, now=datetime.now(UTC))
        own = {at: Evidence(one.made_of) for at, one in enumerate(proposals) if one.made_of}
        others = [at for at in range(len(proposals)) if at not in own]
        evidence = dict(zip(others, _evidence(place, rows, proposals, others), strict=True)) | own
        done = time.perf_counter()
        sample.release()
    return Tried(
        [(one, evidence[at]) for at, one in enumerate(proposals)],
        _looked_at(place, past.rows.num_rows, profile),
        profiled - began,
        done - profiled,
    )


def _evidence(
    place: Place, rows: RowsAtHand, proposals: Sequence[Proposal], chosen: Sequence[int]
) -> Sequence[Evidence]:
    candidates = [proposals[at].candidate for at in chosen]
    trials = [Trial(one.column, one.check) for one in candidates]
    return gather_evidence(rows.sample, trials, place.options.sample_bytes)


def as_stock(place: Place, past: Past) -> Offer:
    """Make what the worker suggests as stock DQX does, less what the sample's rows refute."""
    with file_of(place, past.rows) as table:
        began = time.perf_counter()
        sample = draw_sample(place.engine, table, place.options)
        profile = Dqx(CLIENT, place.engine).profile(sample, threading.Event())
        profiled = time.perf_counter()
        trials = [Trial(one.column, one.check) for one in profile.candidates]
        evidence = gather_evidence(sample, trials, place.options.sample_bytes)
        done = time.perf_counter()
        sample.release()
    rules = [
        replace(rule, confidence=_all_pass(found), offered=refutation(one.check, found) is None)
        for one, found in zip(profile.candidates, evidence, strict=True)
        if (rule := rule_of(one)) is not None
    ]
    looked_at = _looked_at(place, past.rows.num_rows, profile, others=False)
    return Offer(rules, looked_at, profiled - began, done - profiled)


def _all_pass(evidence: Evidence) -> float:
    tried_on = [one for one in (evidence.looked_at, evidence.others) if one is not None]
    return float(all(one.passing == one.rows for one in tried_on))


def _looked_at(place: Place, count: int, profile: TableProfile, *, others: bool = True) -> Flags:
    """Return which rows the worker draws of a table of so many: it depends on nothing else."""
    numbers = pa.table({_ROW: pa.array(range(count), pa.int64())})
    with file_of(place, numbers) as table:
        sample = draw_sample(place.engine, table, place.options)
        assert sample.rows is not None
        assert len(sample.rows) == profile.sample.rows
        rows = fetch_rows(sample, place.options.sample_bytes)
        parts = [sample.rows, rows.others if others else None]
        drawn = np.concatenate([one[_ROW].to_numpy() for one in parts if one is not None])
        sample.release()
    flags = np.zeros(count, dtype=bool)
    flags[drawn] = True
    return flags
