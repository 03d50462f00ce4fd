"""Tries the checks of a table, and the settled rules that decide about them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from worker.attempt.load_existing_checks import known_now
from worker.attempt.plan import PlannedTable
from worker.database.limited_threads import in_thread
from worker.database.outage import through_outages
from worker.profiling.results import Evidence, Trial
from worker.queue.lease import Lease
from worker.suggestions.draft import Drafts
from worker.suggestions.suggest_again import Tried, to_try
from worker.tables.errors import TableError, TableUnavailable
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["try_checks"]

log = get_logger(__name__)


async def try_checks(
    lease: Lease,
    table: PlannedTable,
    found: Drafts,
    gather_evidence: Callable[[Sequence[Trial]], Awaitable[Sequence[Evidence]]],
) -> Tried:
    """Try DQX's drafts, and settled rules, in one call of `gather_evidence`.

    The worker's own were tried when they were made. What is settled later counts, too, when the
    suggestions are written; it was not tried.
    """
    settled = await _settled(lease, table, found)
    own = {
        one.id: Evidence(one.proposal.made_of)
        for one in found.drafts
        if one.proposal is not None and one.proposal.made_of is not None
    }
    others = [one for one in found.drafts if one.id not in own]
    drafts = [Trial(one.candidate.column, one.check) for one in others]
    try:
        evidence = await gather_evidence([*drafts, *settled.values()])
    except TableUnavailable:
        raise
    # A check that Spark can't apply: the others are as good without evidence.
    except TableError as error:
        log.warning(Event.CHECKS_UNTRIED, table=table.physical_name, error=str(error))
        return Tried(own)
    of_drafts, of_settled = evidence[: len(drafts)], evidence[len(drafts) :]
    return Tried(
        own
        | {
            # Not the rows that it was made of.
            draft.id: Evidence(changed=True) if draft.candidate.redrawn else one
            for draft, one in zip(others, of_drafts, strict=True)
        },
        dict(zip(settled, of_settled, strict=True)),
    )


async def _settled(lease: Lease, table: PlannedTable, found: Drafts) -> Mapping[str, Trial]:
    """Return the trials of the settled rules that decide about drafts, by canonical form."""
    run = lease.run
    known = await through_outages(
        lambda: known_now(
            lease.database.connection,
            run_id=run.id,
            contract_id=run.contract_id,
            schema_name=table.schema_name,
            twins=found.twins,
        )
    )

    def trials() -> dict[str, Trial]:
        return {
            form: Trial(draft.candidate.column, check)
            for draft in found.drafts
            for form, check in to_try(draft, known)
        }

    return await in_thread(trials)
