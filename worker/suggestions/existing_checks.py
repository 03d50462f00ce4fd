"""What a contract has already and what people decided, in the form in which checks are compared."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum

from worker.checks.case_twins import NO_TWINS, Twins
from worker.checks.identity import canonical, subject, suggestion_id
from worker.checks.odcs_rules import KnownProperty, demanded
from worker.checks.severity import criticality_of, severity_of
from worker.checks.stored_checks import KnownRow, checks_of
from worker.counting.check import Check
from worker.suggestions.decisions import Decision, When, newest
from worker.suggestions.rules_of_schema import ContractRule, rules_of

__all__ = ["ContractChecks", "ExistingChecks", "Past", "Rule", "Standing"]

_REMEMBERED = 10
"""Number of rejected checks of one subject that a new one is compared with."""


class Standing(StrEnum):
    """What has become of a check in the contract that is profiled."""

    CONTRACT = "contract"
    """The contract has it."""
    ACCEPTED = "accepted"
    """It was accepted, and the contract seems to have it, or has replaced it."""
    REJECTED = "rejected"
    LOST = "lost"
    """It was accepted, and the contract no longer has it."""
    OTHER_VERSION = "other version"
    """It was accepted in another version of the contract."""


@dataclass(frozen=True, slots=True)
class ContractChecks:
    """The rules of a contract, and what the properties of one schema object demand."""

    rules: Sequence[ContractRule] = ()
    properties: Sequence[KnownProperty] = ()
    readable: bool = True
    """Whether the backend has a table of checks that the worker may read."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A check that the contract has, or that people accepted."""

    check: Check
    severity: str | None
    """The backend's word; None for what a property demands, which has none."""
    version: str | None = None
    """The version of the contract that accepted it; None for the contract that is profiled."""

    @classmethod
    def of(cls, row: KnownRow, check: Check, version: str | None = None) -> "Rule":
        """Return the rule that a row holds."""
        offered = row.severity if criticality_of(row.severity) else None
        return cls(check, (offered or severity_of(check.criticality)).strip().casefold(), version)


@dataclass(frozen=True, slots=True)
class Past:
    """What people decided about a check, and about those that differ from it in values alone."""

    again: Rule | None = None
    """The check itself: it was accepted, and the contract does not have it."""
    changes: Rule | None = None
    """The rule that it would change."""
    rejected: Check | None = None
    """The last one of other values that was rejected."""

    @property
    def before(self) -> Check | None:
        """Return the check of other values that a suggestion is compared with in words."""
        return self.rejected if self.changes is None else self.changes.check

    @property
    def was_accepted(self) -> bool:
        """Return whether people accepted it, or the rule that it would change."""
        return self.again is not None or self.changes is not None

    @property
    def severity(self) -> str | None:
        """Return the severity that people chose; None if they chose none."""
        rule = self.again or self.changes
        return rule.severity if rule else None


@dataclass(slots=True)
class ExistingChecks:
    """Checks by their canonical form and by what they are about."""

    run_id: str = ""
    schema_name: str = ""
    twins: Twins = NO_TWINS
    """Of the table that is profiled."""
    contract: dict[str, Rule] = field(default_factory=dict)
    """What the contract has, by canonical form."""
    decided: dict[str, Standing] = field(default_factory=dict)
    """What people decided about checks that the contract does not have, by canonical form."""
    accepted: dict[str, Rule] = field(default_factory=dict)
    """What was accepted and the contract does not have, by canonical form."""
    places: dict[str, int] = field(default_factory=dict)
    """The place of what was accepted in the order of acceptance, by canonical form."""
    rules: dict[str, Rule] = field(default_factory=dict)
    """The rule that the contract has or that people accepted last, by subject."""
    rejected: dict[str, list[Check]] = field(default_factory=dict)
    """The checks that people rejected since they accepted one, the last ones, by subject."""
    waiting: list[str] = field(default_factory=list)
    """The ids of those that are pending of earlier runs: people see the latest run's alone."""
    own: dict[str, list[tuple[str, Check]]] = field(default_factory=dict)
    """The pending suggestions of the run itself, from a try before this one: ids, by subject."""
    later: set[str] = field(default_factory=set)
    """The subjects of those of later runs that are pending."""

    @classmethod
    def of(
        cls,
        run_id: str,
        schema_name: str,
        contract: ContractChecks,
        decisions: Sequence[Decision],
        twins: Twins = NO_TWINS,
    ) -> "ExistingChecks":
        """Gather what is known of one schema object when a run writes for it.

        `decisions` are those of all versions of the contract, in the order of their runs; `twins`
        are those of the table.
        """
        known = cls(run_id, schema_name, twins)
        for one in contract.properties:
            for check in demanded(one):
                known._keep(Rule(check, None))
        for row, check in rules_of(schema_name, contract.rules, _accepted(decisions, twins), twins):
            known._keep(Rule.of(row, check))
        mine = [one for one in decisions if one.schema_name == schema_name]
        here = newest((one for one in mine if one.version is None), twins)
        for about, (decision, check) in newest(mine, twins).items():
            own, _ = here.get(about, (decision, check))
            if decision.status == "rejected":
                known._reject(check)
            else:
                accepted = own if own.status == "accepted" else decision
                known._accept(accepted, check, readable=contract.readable)
        for decision in mine:
            if decision.status == "pending":
                known._wait(decision)
        return known

    def form(self, check: Check) -> str:
        """Return the canonical form of a check."""
        return canonical(check, self.twins)

    def subject(self, check: Check) -> str:
        """Return what a check is about."""
        return subject(check, self.twins)

    def standing(self, check: Check) -> Standing | None:
        """Return what has become of a check; None if nothing is known of it."""
        form = self.form(check)
        if form in self.contract:
            return Standing.CONTRACT
        decided = self.decided.get(form)
        if decided is Standing.LOST and self._is_replaced(check):
            return Standing.ACCEPTED
        return decided

    def past(self, check: Check) -> Past:
        """Return what a suggestion of the check has to mention."""
        about = self.subject(check)
        again, changes = self.accepted.get(self.form(check)), self.rules.get(about)
        if again is not None and changes is not None and not self._is_written(changes):
            changes = None
        return Past(again, changes, next(iter(self.rejected.get(about, [])[::-1]), None))

    def settled(self, check: Check) -> Check | None:
        """Return the rule of other values that the contract has, or that it seems to have."""
        rule = self.rules.get(self.subject(check))
        if rule is None or self.form(rule.check) == self.form(check):
            return None
        there = self.standing(rule.check) in (Standing.CONTRACT, Standing.ACCEPTED)
        return rule.check if there else None

    def lost(self, check: Check) -> Check | None:
        """Return the rule of other values that was accepted, if the contract does not have it."""
        rule = self.rules.get(self.subject(check))
        if rule is None or self.form(rule.check) == self.form(check):
            return None
        gone = self.standing(rule.check) in (Standing.LOST, Standing.OTHER_VERSION)
        return rule.check if gone else None

    def id_of(self, check: Check) -> str:
        """Return the id that the run's suggestion of a check has."""
        return suggestion_id(self.run_id, self.schema_name, check, self.twins)

    def rejections(self, check: Check) -> Sequence[Check]:
        """Return the checks of other values that were rejected."""
        return self.rejected.get(self.subject(check), ())

    def _is_replaced(self, accepted: Check) -> bool:
        """Return whether the contract has a rule of other values that is newer, or by hand."""
        rule = self.rules[self.subject(accepted)]
        place = self.places.get(self.form(rule.check))
        newer = place is None or place > self.places[self.form(accepted)]
        return newer and self._is_written(rule)

    def _is_written(self, rule: Rule) -> bool:
        """Return whether the contract has the rule as a quality check."""
        return rule.severity is not None and self.form(rule.check) in self.contract

    def _keep(self, rule: Rule) -> None:
        self.contract[self.form(rule.check)] = rule
        self.rules[self.subject(rule.check)] = rule

    def _accept(self, decision: Decision, check: Check, *, readable: bool) -> None:
        form, about = self.form(check), self.subject(check)
        self.rejected.pop(about, None)
        self.places[form] = len(self.places)
        rule = self.contract.get(form)
        if rule is None:
            rule = Rule.of(decision.row, check, decision.version)
            self.decided[form] = _standing(decision, readable=readable)
            self.accepted[form] = rule
            last = self.rules.get(about)
            # People have taken it out of the contract, or changed it there.
            if last is not None and self.form(last.check) in self.contract:
                return
        self.rules[about] = rule

    def _reject(self, check: Check) -> None:
        self.decided[self.form(check)] = Standing.REJECTED
        rejected = self.rejected.setdefault(self.subject(check), [])
        rejected.append(check)
        del rejected[:-_REMEMBERED]

    def _wait(self, decision: Decision) -> None:
        # Those of earlier runs are not read: there may be many.
        if decision.when is When.EARLIER:
            self.waiting.append(decision.id)
            return
        checks = checks_of(decision.row)
        ids = {self.id_of(check) for check in checks}
        # A run that ended has got what waited of earlier runs: their ids are others than its own.
        if decision.when is When.OWN and checks and decision.id not in ids:
            self.waiting.append(decision.id)
            return
        for check in checks:
            if decision.when is When.OWN:
                self.own.setdefault(self.subject(check), []).append((decision.id, check))
            elif decision.when is When.LATER:
                self.later.add(self.subject(check))


def _standing(decision: Decision, *, readable: bool) -> Standing:
    """Return what has become of an accepted check that the contract is not seen to have."""
    if decision.version is not None:
        return Standing.OTHER_VERSION
    # A run has one suggestion of a check: it can't suggest the check once more.
    return Standing.LOST if readable and decision.when is not When.OWN else Standing.ACCEPTED


def _accepted(decisions: Sequence[Decision], twins: Twins) -> dict[str, Set[str]]:
    """Return the names of the schemas that have accepted a check, by its canonical form.

    Those of the contract that is profiled; if it has none, those of its other versions.
    """
    found: dict[str, Set[str]] = {}
    for here in (False, True):
        schemas: dict[str, Set[str]] = {}
        chosen = newest((one for one in decisions if (one.version is None) is here), twins)
        for (name, form), (decision, _) in chosen.items():
            if decision.status == "accepted":
                schemas[form] = schemas.get(form, frozenset()) | {name}
        found |= schemas
    return found
