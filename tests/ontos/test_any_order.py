"""In whatever order people and Ontos write, all that waits is offered, and once."""

import json
import random
from collections.abc import Mapping
from typing import Any

import pytest

from deploy.sandbox.accept_suggestions import accept, reject
from deploy.sandbox.contract_edits import new_version, save_rules, save_schemas
from tests.chaos.stand_in import FAILS
from tests.ontos.conftest import Ontos, schema

pytestmark = pytest.mark.anyio

BROKEN = "broken"
NAMES = ("items", "orders", BROKEN)
STEPS = 15
ACTS = ("profile", "accept", "reject", "save rules", "save schemas", "clone", "cancelled run")
HOW_OFTEN = (5, 2, 1, 1, 1, 1, 1)
SCHEMAS = [schema(name, FAILS if name == BROKEN else None) for name in NAMES]

_WAITING = """
SELECT id, schema_name FROM suggested_quality_checks WHERE contract_id = $1 AND status = 'pending'
"""
_DECIDED = "SELECT * FROM suggested_quality_checks WHERE status <> 'pending' ORDER BY id"
_RULES = """
SELECT o.name, p.name AS property
FROM data_contract_quality_checks q
JOIN data_contract_schema_objects o ON o.id = q.object_id
JOIN data_contract_schema_properties p ON p.id = q.property_id
WHERE o.contract_id = $1
"""
_CANCELLED = """
INSERT INTO data_profiling_runs (id, contract_id, source, schema_names, status)
VALUES (gen_random_uuid(), $1, 'dqx', '["orders"]', 'cancelled')
"""


@pytest.mark.parametrize("seed", [4, 11])
async def test_all_that_waits_is_offered_once_and_no_decision_is_lost(
    ontos: Ontos, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    versions = [await ontos.contract(*SCHEMAS)]
    done: list[tuple[str, int]] = []
    for act in chance.choices(ACTS, HOW_OFTEN, k=STEPS):
        contract = chance.choice(versions)
        done.append((act, versions.index(contract)))
        if act == "profile":
            await profile(ontos, contract, chance.sample(NAMES, chance.randint(1, 3)), done)
        elif act == "clone":
            version = f"{len(versions) + 1}.0.0"
            versions.append(await new_version(ontos.backend, contract, version))
        else:
            await write(ontos, contract, act, chance)


async def write(ontos: Ontos, contract: str, act: str, chance: random.Random) -> None:
    """Have people or Ontos do something other than profile."""
    if act in ("accept", "reject"):
        decide = accept if act == "accept" else reject
        offered = [one["id"] for one in await ontos.offered(contract)]
        await decide(ontos.backend, chance.sample(offered, len(offered) // 2))
    elif act == "save rules":
        await save_rules(ontos.backend, contract, more=["looks right"])
    elif act == "save schemas":
        await save_schemas(ontos.backend, contract, SCHEMAS)
    else:
        assert act == "cancelled run"
        async with ontos.backend.connection() as owner:
            await owner.execute(_CANCELLED, contract)


async def profile(ontos: Ontos, contract: str, names: list[str], done: object) -> None:
    """Profile some schemas, and compare what is there with what was there before."""
    waiting, decided = await waiting_of(ontos, contract), await fetch(ontos, _DECIDED)
    await ontos.profile(contract, *names)
    assert await fetch(ontos, _DECIDED) == decided, done
    offered = {one["id"]: one for one in await ontos.offered(contract)}
    # Everything that waits can be reached, and each check of a column waits once.
    assert offered.keys() == (await waiting_of(ontos, contract)).keys(), done
    checks = [
        (one["schema_name"], json.dumps(json.loads(one["implementation"])["check"]))
        for one in offered.values()
    ]
    assert len(checks) == len(set(checks)), done
    # What was not profiled, or failed, waits as it did.
    kept = {id_ for id_, name in waiting.items() if name not in names or name == BROKEN}
    assert kept <= offered.keys(), done
    # Nothing is asked for that the contract has.
    rules = await fetch(ontos, _RULES, contract)
    asked = {(one["schema_name"], one["property_name"]) for one in offered.values()}
    assert not asked & {(one["name"], one["property"]) for one in rules if one["name"] in names}, (
        done
    )


async def waiting_of(ontos: Ontos, contract: str) -> Mapping[str, str]:
    return {one["id"]: one["schema_name"] for one in await fetch(ontos, _WAITING, contract)}


async def fetch(ontos: Ontos, query: str, *values: object) -> list[dict[str, Any]]:
    async with ontos.backend.connection() as owner:
        return [dict(one) for one in await owner.fetch(query, *values)]
