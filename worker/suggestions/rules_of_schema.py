"""Which rules of a contract are those of one schema object.

A backend may write copies of all rules of a contract under its first schema object, without their
properties. So the place of a rule alone does not say which table it is about.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from worker.checks.case_twins import Twins
from worker.checks.identity import canonical
from worker.checks.stored_checks import KnownRow, checks_of
from worker.counting.check import Check

__all__ = ["ContractRule", "rules_of"]


@dataclass(frozen=True, slots=True)
class ContractRule:
    """A quality check of a contract, and where it is."""

    row: KnownRow
    under: str
    """The name of the schema object that it is stored under."""
    about: str | None = None
    """The name of the schema object that its property belongs to; None without a property."""


def rules_of(
    schema_name: str,
    rules: Sequence[ContractRule],
    accepted: Mapping[str, Set[str]],
    twins: Twins,
) -> Iterator[tuple[KnownRow, Check]]:
    """Yield the checks among a contract's rules that belong to a schema object, in their order.

    A rule with a property belongs to the schema object of the property; rules of the same check
    without one are its copies. If there are only rules without a property, they belong to the
    schemas that have accepted the check (`accepted` names them by canonical form), if there is a
    rule for each of these schemas; with fewer, each of them could be meant, and the rules belong to
    none. A rule that no schema has accepted belongs to the schema object that it is stored under.
    """
    read = [
        (rule, check, canonical(check, twins)) for rule in rules for check in checks_of(rule.row)
    ]
    with_property = {form for rule, _, form in read if rule.about is not None}
    places: defaultdict[str, list[str]] = defaultdict(list)
    for rule, _, form in read:
        if rule.about is None:
            places[form].append(rule.under)
    for rule, check, form in read:
        if rule.about is not None:
            mine = rule.about == schema_name
        elif form in with_property:
            mine = False
        else:
            mine = schema_name in _holders(places[form], accepted.get(form, frozenset()))
        if mine:
            yield rule.row, check


def _holders(places: Sequence[str], accepted: Set[str]) -> Set[str]:
    """Return the schemas that have a check of which there are rules without property at `places`.

    `accepted` are those that have accepted it.
    """
    if not accepted:
        return set(places)
    return accepted if len(places) >= len(accepted) else frozenset()
