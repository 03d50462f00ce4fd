"""What people decided about suggestions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from worker.checks.case_twins import Twins
from worker.checks.identity import canonical
from worker.checks.stored_checks import KnownRow, checks_of
from worker.counting.check import Check

__all__ = ["Decision", "When", "newest"]

_DECIDED = frozenset({"accepted", "rejected"})


class When(StrEnum):
    """When its run was asked for, beside the run that asks; of a run of another source: aside."""

    OWN = "own"
    EARLIER = "earlier"
    LATER = "later"
    ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class Decision:
    """A suggestion; `status` is the backend's word."""

    id: str
    status: str
    when: When
    schema_name: str
    row: KnownRow
    version: str | None = None
    """The version of the contract that it belongs to; None for the contract that is profiled."""


def newest(
    decisions: Iterable[Decision], twins: Twins
) -> Mapping[tuple[str, str], tuple[Decision, Check]]:
    """Return the last decision about each check, by schema name and canonical form.

    `decisions` and what is returned are in the order of their runs; pending ones decide nothing.
    `twins` are those of the table that is profiled.
    """
    found: dict[tuple[str, str], tuple[Decision, Check]] = {}
    for decision in decisions:
        if decision.status in _DECIDED:
            for check in checks_of(decision.row):
                about = (decision.schema_name, canonical(check, twins))
                found.pop(about, None)
                found[about] = (decision, check)
    return found
