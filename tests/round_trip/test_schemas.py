"""An export is valid ODCS, by the schema of each version that people validate it with."""

from copy import deepcopy
from typing import Any

import pytest

from tests.round_trip.accept_and_export import SCHEMA, rows_of
from tests.round_trip.cases import CASES
from tests.round_trip.schemas import VERSIONS, wrong
from tests.unit.checks.test_identity_defaults import GENERATED
from worker.checks.stored_checks import KnownRow
from worker.suggestions.odcs_export import ContractHeader, Suggested, as_odcs, suggested_checks


@pytest.fixture(scope="module")
def odcs() -> dict[str, Any]:
    """The export of a check of every function that the worker suggests."""
    rows = [
        Suggested(
            row.id,
            KnownRow(
                name=row.name,
                type="custom",
                engine="dqx",
                severity=row.severity,
                rule=row.rule,
                implementation=row.implementation,
            ),
            own=True,
            asked_for=1,
        )
        for case in CASES.values()
        for row in rows_of([case], "run")
    ]
    checks = suggested_checks(rows)
    header = ContractHeader("c", "Orders", "1.0.0", "draft")
    return as_odcs(header, {SCHEMA: ("main.shop.orders", checks)})


def test_every_function_is_in_the_export(odcs: dict[str, Any]) -> None:
    (schema,) = odcs["schema"]
    functions = {one["implementation"]["check"]["function"] for one in schema["quality"]}
    assert functions >= set(GENERATED)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_export_is_valid_by_the_schema_of_each_version(
    odcs: dict[str, Any], version: str
) -> None:
    assert wrong(odcs, version) == []
    # A backend that exports it anew names a version of its own.
    assert wrong({**odcs, "apiVersion": version}, version) == []
    assert wrong(odcs, "v3.0.2", strict=True) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_no_check_of_odcs_is_found(odcs: dict[str, Any], version: str) -> None:
    changed = deepcopy(odcs)
    changed["schema"][0]["quality"][0]["severity"] = 7
    assert wrong(changed, version) != []
