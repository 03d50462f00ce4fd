"""No check is identified by its name: several of one name are accepted, exported and known."""

import json
from collections import Counter

import pytest

from deploy.sandbox.backend import Backend
from tests.round_trip.accept_and_export import (
    CONTRACT,
    FACTS,
    SCHEMA,
    comparable,
    drafts_of,
    read_by_dqx,
    travel,
)
from tests.support.stored_checks import stored
from worker.backend.suggestions.read import read_of_contract
from worker.counting.check import Check
from worker.database.pool import Database
from worker.suggestions.existing_checks import ContractChecks, ExistingChecks
from worker.suggestions.odcs_export import ContractHeader, as_odcs, suggested_checks
from worker.suggestions.suggest import suggest
from worker.suggestions.suggest_again import Tried

pytestmark = pytest.mark.anyio

PRICES = {"column": "price", "min_limit": 0, "max_limit": 9}
LONG = "postal_code_of_the_address_{}_as_it_was_delivered_to"
# Two of one name for the backend and for DQX; two of one name for the backend alone.
CHECKS = [
    Check("is_in_range", PRICES, "price_isnt_in_range", "error"),
    Check("is_in_range", PRICES | {"max_limit": 5}, "price_isnt_in_range", "warn", "region = 'EU'"),
    Check("is_not_null", {"column": LONG.format("before")}, "before_is_null", "error"),
    Check("is_not_null", {"column": LONG.format("after")}, "after_is_null", "error"),
]


async def test_checks_of_one_name_are_accepted_exported_and_held_back_in_the_next_run(
    backend: Backend, database: Database
) -> None:
    await backend.add_contract(CONTRACT)

    travelled = await travel(backend, database, CHECKS)

    written = Counter(comparable(json.loads(row.implementation)) for row in travelled.rows)
    assert len(written) == len(CHECKS)
    assert Counter(row.name for row in travelled.rows) == {
        "price in range": 2,
        "postal_code_of_t…was_delivered_to filled": 2,
    }
    assert Counter(map(comparable, travelled.read)) == written
    of_contract = await read_of_contract(database, CONTRACT.id, ["accepted"])
    checks = suggested_checks(of_contract[SCHEMA])
    odcs = as_odcs(ContractHeader("c", "Orders", "1", "draft"), {SCHEMA: ("t", checks)})
    assert Counter(map(comparable, read_by_dqx(odcs))) == written

    run_id = await backend.request(CONTRACT.id, [SCHEMA])
    drafts = drafts_of(CHECKS, run_id).drafts
    async with database.transaction() as transaction:
        contract, decisions = await stored(transaction, run_id, CONTRACT.id, SCHEMA)
    unreadable = ContractChecks(readable=False)
    for has, decided in ((contract, decisions), (contract, []), (unreadable, decisions)):
        known = ExistingChecks.of(run_id, SCHEMA, has, decided)
        chosen = suggest(drafts, Tried(), FACTS, known)
        assert chosen.rows == []
        assert set(chosen.held_back) == {
            "price_isnt_in_range",
            "price_isnt_in_range (2)",
            "before_is_null",
            "after_is_null",
        }
