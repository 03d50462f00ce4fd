"""What stewards decided outlives what the backend does to contracts."""

from dataclasses import replace

import pytest

from deploy.sandbox.contract_edits import change_suggestion, new_version, save_rules, save_schemas
from tests.backend.suggestions.conftest import Found, Stewards, schema
from tests.support.runs import suggestions
from tests.support.scripted_profiler import raises
from worker.counting.check import Check
from worker.tables.errors import TableError

pytestmark = pytest.mark.anyio

FILLED = Check("is_not_null", {"column": "id"}, "id_is_null", "error")
UNIQUE = Check("is_unique", {"columns": ["id", "amount"]}, "key", "error")
RANGE = Check("is_in_range", {"column": "amount", "min_limit": 1, "max_limit": 9}, "r", "error")
LOST = "Accepted before; the contract no longer has it. "
IN_CONTRACT, REJECTED = "the contract has it", "it was rejected before"


def parted(found: Found, names: set[str]) -> tuple[Found, Found]:
    """Return the suggestions of these names, and the others."""
    chosen = {name: one for name, one in found.rows.items() if name in names}
    others = {name: one for name, one in found.rows.items() if name not in names}
    return Found(chosen, {}), Found(others, {})


async def test_what_was_accepted_is_not_suggested_while_the_contract_has_it(
    stewards: Stewards,
) -> None:
    contract = await stewards.contract("orders")
    first = await stewards.profile(contract, orders=[FILLED, UNIQUE])
    await stewards.accept(first["orders"])

    again = await stewards.profile(contract, orders=[FILLED, UNIQUE])

    assert again["orders"].rows == {}
    assert again["orders"].held_back == {"id_is_null": IN_CONTRACT, "key": IN_CONTRACT}


async def test_what_was_accepted_and_lost_by_an_edit_of_the_schema_is_suggested_again(
    stewards: Stewards,
) -> None:
    contract = await stewards.contract("orders")
    first = await stewards.profile(contract, orders=[FILLED, RANGE, UNIQUE])
    accepted, rejected = parted(first["orders"], {"id_is_null", "key"})
    await stewards.accept(accepted)
    await stewards.reject(rejected)
    await save_schemas(stewards.backend, contract, [schema("orders")])
    assert await stewards.rules(contract) == []

    again = (await stewards.profile(contract, orders=[FILLED, RANGE, UNIQUE]))["orders"]

    assert again.held_back == {"r": REJECTED}
    assert again.rows.keys() == {"id_is_null", "key"}
    assert all(one["rationale"].startswith(LOST) for one in again.rows.values())
    # And once more, until somebody decides.
    assert (await stewards.profile(contract, orders=[FILLED]))["orders"].rows.keys() == {
        "id_is_null"
    }
    await stewards.accept((await stewards.profile(contract, orders=[FILLED]))["orders"])
    assert (await stewards.profile(contract, orders=[FILLED]))["orders"].held_back == {
        "id_is_null": IN_CONTRACT
    }


async def test_rules_that_are_made_anew_under_the_first_schema_stay_those_of_their_tables(
    stewards: Stewards,
) -> None:
    contract = await stewards.contract("orders", "items")
    first = await stewards.profile(contract, orders=[RANGE], items=[FILLED, UNIQUE])
    await stewards.accept(*first.values())
    await save_rules(stewards.backend, contract, more=["by hand"])
    rules = await stewards.rules(contract)
    # Rules of properties stay where they are, and have copies under the first schema.
    assert {(one["under"], one["property_id"] is None) for one in rules} == {
        ("orders", False),
        ("items", False),
        ("orders", True),
    }
    assert len(rules) == 6

    again = await stewards.profile(
        contract, orders=[RANGE, FILLED, UNIQUE], items=[RANGE, FILLED, UNIQUE]
    )

    assert again["items"].held_back == {"id_is_null": IN_CONTRACT, "key": IN_CONTRACT}
    assert again["items"].rows.keys() == {"r"}
    # Those of items are stored under orders, which has them none the less.
    assert again["orders"].held_back == {"r": IN_CONTRACT}
    assert again["orders"].rows.keys() == {"id_is_null", "key"}
    assert not any("Accepted" in one["rationale"] for one in again["orders"].rows.values())


async def test_a_rule_that_two_tables_accepted_is_that_of_both_if_there_are_two(
    stewards: Stewards,
) -> None:
    contract = await stewards.contract("orders", "items")
    first = await stewards.profile(contract, orders=[UNIQUE], items=[UNIQUE])
    await stewards.accept(*first.values())
    await save_rules(stewards.backend, contract)

    again = await stewards.profile(contract, orders=[UNIQUE], items=[UNIQUE])

    assert again["orders"].held_back == again["items"].held_back == {"key": IN_CONTRACT}


async def test_a_rule_that_could_be_that_of_two_tables_is_suggested(stewards: Stewards) -> None:
    contract = await stewards.contract("orders", "items")
    first = await stewards.profile(contract, orders=[UNIQUE], items=[UNIQUE])
    await stewards.accept(*first.values())
    one, _ = await stewards.rules(contract)
    await save_rules(stewards.backend, contract, without=[one["id"]])
    assert [one["under"] for one in await stewards.rules(contract)] == ["orders"]

    again = await stewards.profile(contract, orders=[UNIQUE], items=[UNIQUE])

    assert again["items"].rows.keys() == again["orders"].rows.keys() == {"key"}


async def test_a_rule_under_another_schema_is_recognised_by_its_property(
    stewards: Stewards,
) -> None:
    contract = await stewards.contract("orders", "items")
    first = await stewards.profile(contract, orders=[RANGE], items=[FILLED])
    await stewards.accept(*first.values())
    await stewards.execute(
        "UPDATE data_contract_quality_checks q SET object_id = orders.id"
        " FROM data_contract_schema_objects orders, data_contract_schema_objects items"
        " WHERE orders.contract_id = $1 AND orders.name = 'orders'"
        " AND items.contract_id = $1 AND items.name = 'items' AND q.object_id = items.id",
        contract,
    )
    assert {one["under"] for one in await stewards.rules(contract)} == {"orders"}

    again = await stewards.profile(contract, orders=[RANGE, FILLED], items=[RANGE, FILLED])

    assert again["items"].held_back == {"id_is_null": IN_CONTRACT}
    assert again["orders"].held_back == {"r": IN_CONTRACT}


async def test_a_new_version_asks_for_what_was_accepted_and_not_for_what_was_rejected(
    stewards: Stewards,
) -> None:
    contract = await stewards.contract("orders", "items")
    first = await stewards.profile(contract, orders=[FILLED, RANGE, UNIQUE], items=[FILLED])
    accepted, rejected = parted(first["orders"], {"id_is_null"})
    await stewards.accept(accepted)
    await stewards.reject(rejected, first["items"])
    second = await new_version(stewards.backend, contract, "1.1.0")
    third = await new_version(stewards.backend, second, "2.0.0")

    for version in (second, third):
        wider = replace(RANGE, arguments={**RANGE.arguments, "max_limit": 10})
        again = await stewards.profile(version, orders=[FILLED, wider, UNIQUE], items=[FILLED])
        assert again["orders"].held_back == {"key": REJECTED}
        assert again["items"].held_back == {"id_is_null": REJECTED}
        rationale = {name: one["rationale"] for name, one in again["orders"].rows.items()}
        assert rationale["id_is_null"].startswith("Accepted in version 1.0.0 of this contract. ")
        assert rationale["r"].startswith("Differs from a rule that was rejected: ")


async def test_a_version_learns_from_those_before_and_after_it_and_from_no_other_contract(
    stewards: Stewards,
) -> None:
    contract, other = await stewards.contract("orders"), await stewards.contract("orders")
    second = await new_version(stewards.backend, contract, "1.1.0")
    beside = await new_version(stewards.backend, contract, "1.2.0")
    found = (await stewards.profile(second, orders=[FILLED, RANGE]))["orders"]
    accepted, rejected = parted(found, {"id_is_null"})
    await stewards.accept(accepted)
    await stewards.reject(rejected)

    for version in (contract, beside):
        again = (await stewards.profile(version, orders=[FILLED, RANGE]))["orders"]
        assert again.held_back == {"r": REJECTED}
        said = again.rows["id_is_null"]["rationale"]
        assert said.startswith("Accepted in version 1.1.0 of this contract. ")
    apart = (await stewards.profile(other, orders=[FILLED, RANGE]))["orders"]
    assert apart.rows.keys() == {"id_is_null", "r"}
    assert not any("ccepted" in one["rationale"] for one in apart.rows.values())


async def test_what_waits_in_another_version_waits_there(stewards: Stewards) -> None:
    contract = await stewards.contract("orders")
    waiting = (await stewards.profile(contract, orders=[FILLED]))["orders"]
    second = await new_version(stewards.backend, contract, "1.1.0")

    assert (await stewards.profile(second, orders=[FILLED]))["orders"].rows.keys() == {"id_is_null"}
    left = {one["id"] for one in await stewards.backend.suggestions()}
    assert {one["id"] for one in waiting.rows.values()} <= left


async def test_contracts_whose_parents_form_a_circle_are_versions_of_each_other(
    stewards: Stewards,
) -> None:
    contract = await stewards.contract("orders")
    await stewards.reject((await stewards.profile(contract, orders=[FILLED]))["orders"])
    second = await new_version(stewards.backend, contract, "1.1.0")
    await stewards.execute(
        "UPDATE data_contracts SET parent_contract_id = $2 WHERE id = $1", contract, second
    )

    again = (await stewards.profile(second, orders=[FILLED]))["orders"]

    assert again.held_back == {"id_is_null": REJECTED}


async def test_a_worker_that_may_not_read_contracts_knows_the_decisions_of_the_contract_alone(
    stewards: Stewards,
) -> None:
    contract = await stewards.contract("orders")
    await stewards.reject((await stewards.profile(contract, orders=[FILLED]))["orders"])
    second = await new_version(stewards.backend, contract, "1.1.0")
    await stewards.execute("REVOKE SELECT ON data_contracts FROM dqx_worker")
    try:
        again = await stewards.profile(contract, orders=[FILLED])
        apart = await stewards.profile(second, orders=[FILLED])
    finally:
        await stewards.execute("GRANT SELECT ON data_contracts TO dqx_worker")

    assert again["orders"].held_back == {"id_is_null": REJECTED}
    assert apart["orders"].rows.keys() == {"id_is_null"}


async def test_a_worker_that_may_not_read_rules_does_not_ask_again_for_what_was_accepted(
    stewards: Stewards,
) -> None:
    contract = await stewards.contract("orders")
    await stewards.accept((await stewards.profile(contract, orders=[FILLED]))["orders"])
    await stewards.execute("REVOKE SELECT ON data_contract_quality_checks FROM dqx_worker")
    try:
        again = await stewards.profile(contract, orders=[FILLED])
    finally:
        await stewards.execute("GRANT SELECT ON data_contract_quality_checks TO dqx_worker")

    assert again["orders"].held_back == {"id_is_null": "it was accepted before"}


async def test_what_a_failed_run_has_got_from_earlier_runs_waits_once_when_it_is_done_again(
    stewards: Stewards,
) -> None:
    contract = await stewards.contract("orders")
    await stewards.profile(contract, orders=[FILLED])
    run_id = await stewards.backend.request(contract, ["orders"])
    await stewards.attempt(orders=raises(TableError("not there")))
    assert len(await suggestions(stewards.backend, run_id)) == 1
    await stewards.execute(
        "UPDATE data_profiling_runs SET status = 'pending' WHERE id = $1", run_id
    )

    await stewards.work(run_id, orders=[FILLED, RANGE])

    assert len(await suggestions(stewards.backend, run_id)) == 2


async def test_the_severity_that_a_steward_chose_stays_with_the_rule(stewards: Stewards) -> None:
    contract = await stewards.contract("orders")
    first = (await stewards.profile(contract, orders=[FILLED, RANGE]))["orders"]
    assert {one["severity"] for one in first.rows.values()} == {"error"}
    for one in first.rows.values():
        await change_suggestion(stewards.backend, one["id"], severity="info")
    await stewards.accept(first)
    wider = replace(RANGE, arguments={**RANGE.arguments, "max_limit": 100})

    stewards = replace(stewards, amounts=range(1, 101))
    changed = (await stewards.profile(contract, orders=[FILLED, wider]))["orders"]
    second = await new_version(stewards.backend, contract, "1.1.0")
    again = (await stewards.profile(second, orders=[FILLED, wider]))["orders"]

    assert changed.held_back == {"id_is_null": IN_CONTRACT}
    assert changed.rows.keys() == {"r"}
    assert again.rows.keys() == {"id_is_null", "r"}
    for one in [*changed.rows.values(), *again.rows.values()]:
        assert one["severity"] == "info"
        assert '"criticality":"warn"' in one["implementation"]
