"""Which rules of a contract are those of one schema object.

A backend may re-create all rules of a contract under its first schema object, without their
properties. So the place of a rule alone does not say which table it is about.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from worker.checks.identity import canonical
from worker.checks.stored import KnownRow, checks_of
from worker.profiling.check import Check

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
    schema_name: str, rules: Sequence[ContractRule], accepted: Mapping[str, Set[str]]
) -> Iterator[tuple[KnownRow, Check]]:
    """Yield the checks among a contract's rules that belong to a schema object, in their order.

    A rule with a property belongs to the schema object of the property. Rules without a property
    belong to the schemas that have accepted the check (`accepted` names them by canonical form) and
    have no rule of it with a property, if there is a rule for each of these schemas. If there are
    fewer, each of these schemas could be meant, and the rule belongs to none. A rule that no such
    schema has accepted belongs to the schema object that it is stored under.
    """
    read = [(rule, check, canonical(check)) for rule in rules for check in checks_of(rule.row)]
    by_property: defaultdict[str, set[str]] = defaultdict(set)
    places: defaultdict[str, list[str]] = defaultdict(list)
    for rule, _, form in read:
        if rule.about is None:
            places[form].append(rule.under)
        else:
            by_property[form].add(rule.about)
    for rule, check, form in read:
        if rule.about is None:
            wanting = accepted.get(form, frozenset()) - by_property[form]
            mine = schema_name in _holders(places[form], wanting)
        else:
            mine = rule.about == schema_name
        if mine:
            yield rule.row, check


def _holders(places: Sequence[str], wanting: Set[str]) -> Set[str]:
    """Return the schemas that have a check of which there are rules without property at `places`.

    `wanting` are those that have accepted it and have no rule of it with a property.
    """
    if not wanting:
        return set(places)
    return wanting if len(places) >= len(wanting) else frozenset()
