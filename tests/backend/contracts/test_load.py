"""What a contract says of its columns and of the checks that it has, also in an older backend."""

from typing import Any

import pytest

from deploy.sandbox.backend import Backend
from deploy.sandbox.insert_rows import insert
from tests.support.stored_checks import stored
from worker.attempt.plan import plan
from worker.backend.contracts.load import load_schema_objects
from worker.checks.odcs_rules import KnownProperty
from worker.database.pool import Database

pytestmark = pytest.mark.anyio

PROPERTIES: list[dict[str, Any]] = [
    {
        "id": "1",
        "object_id": "o",
        "name": "id",
        "classification": "public",
        "required": True,
        "unique": True,
    },
    {"id": "2", "object_id": "o", "name": "customer"},
    {
        "id": "3",
        "object_id": "o",
        "parent_property_id": "2",
        "name": "address",
        "classification": "Personal Data",
    },
    {"id": "4", "object_id": "o", "parent_property_id": "3", "name": "zip", "required": True},
    {"id": "5", "object_id": "o", "name": "note", "logical_type_options_json": '{"tags": ["pii"]}'},
    {"id": "6", "object_id": "p", "name": "id"},
]


@pytest.fixture
async def contract(backend: Backend) -> Backend:
    async with backend.connection() as owner:
        await insert(owner, "data_contracts", id="c", name="C", version="1")
        for id_, name, tags in (("o", "orders", '["gold"]'), ("p", "people", '["gold", "PII"]')):
            await insert(
                owner,
                "data_contract_schema_objects",
                id=id_,
                contract_id="c",
                name=name,
                physical_name=f"main.shop.{name}",
                tags=tags,
            )
        for one in PROPERTIES:
            await insert(owner, "data_contract_schema_properties", **one)
        for id_, property_id, name, must_be in (
            ("1", "4", "nullValues", "0"),
            ("2", None, "rowCount", "7"),
        ):
            await insert(
                owner,
                "data_contract_quality_checks",
                id=id_,
                object_id="o",
                property_id=property_id,
                name=name,
                must_be=must_be,
            )
    return backend


async def test_a_column_is_personal_by_itself_by_what_it_is_in_or_by_what_it_holds(
    contract: Backend, database: Database
) -> None:
    objects = await load_schema_objects(database, "c", ["orders", "people"])
    orders, people = plan(["orders", "people"], "c", objects, ("pii", "personal data"))
    assert orders.properties == ("id", "customer", "note")
    columns = ("id", "customer", "customer.address", "customer.address.zip", "note", "other")
    assert [one in orders.personal for one in columns] == [False, True, True, True, True, False]
    assert "anything" in people.personal


async def test_checks_are_reported_with_the_paths_of_their_columns(
    contract: Backend, database: Database
) -> None:
    async with contract.connection() as owner:
        # What is made anew under another schema object keeps its property, or loses it.
        await owner.execute("UPDATE data_contract_quality_checks SET object_id = 'p'")
    async with database.transaction() as transaction:
        found, _ = await stored(transaction, "r", "c", "orders")
    rules = [(one.row.name, one.row.column, one.under, one.about) for one in found.rules]
    assert rules == [
        ("nullValues", "customer.address.zip", "people", "orders"),
        ("rowCount", None, "people", None),
    ]
    assert [one.row.must_be for one in found.rules] == ["0", "7"]
    assert found.properties[-1] == KnownProperty(
        "note", required=False, unique=False, options='{"tags": ["pii"]}'
    )
    assert KnownProperty("id", required=True, unique=True) in found.properties
    assert found.readable


async def test_what_refers_to_another_contract_or_schema_object_stays_apart(
    contract: Backend, database: Database
) -> None:
    async with contract.connection() as owner:
        await insert(owner, "data_contracts", id="d", name="D", version="1")
        await insert(owner, "data_contract_schema_objects", id="q", contract_id="d", name="orders")
        for id_, object_id, parent in (("7", "p", "2"), ("8", "q", None)):
            await insert(
                owner,
                "data_contract_schema_properties",
                id=id_,
                object_id=object_id,
                parent_property_id=parent,
                name="stray",
            )
        await owner.execute("UPDATE data_contract_quality_checks SET property_id = '8'")
    objects = await load_schema_objects(database, "c", ["orders", "people"])
    async with database.transaction() as transaction:
        found, _ = await stored(transaction, "r", "c", "orders")
    assert not [one for each in objects for one in each.tree if "stray" in one.path]
    assert [one.about for one in found.rules] == [None, None]


async def test_objects_come_by_their_names_and_checks_by_their_ids(
    contract: Backend, database: Database
) -> None:
    async with contract.connection() as owner:
        # A row that is written anew comes after the others in its table.
        await owner.execute("UPDATE data_contract_schema_objects SET tags = '' WHERE id = 'o'")
        for id_ in ("9", "5", "7", "3", "8", "0", "4"):
            await insert(owner, "data_contract_quality_checks", id=id_, object_id="o", name=id_)
    objects = await load_schema_objects(database, "c", ["orders", "people"])
    async with database.transaction() as transaction:
        found, _ = await stored(transaction, "r", "c", "orders")
    assert [one.name for one in objects] == ["orders", "people"]
    assert [one.row.name for one in found.rules] == [
        *("0", "nullValues", "rowCount"),
        *("3", "4", "5", "7", "8", "9"),
    ]


@pytest.mark.parametrize(
    "older",
    [
        "DROP TABLE data_contract_quality_checks",
        "REVOKE SELECT ON data_contract_quality_checks FROM dqx_worker",
    ],
)
async def test_an_older_backend_has_fewer_columns_and_no_checks(
    contract: Backend, database: Database, older: str
) -> None:
    async with contract.connection() as owner:
        await owner.execute(
            "ALTER TABLE data_contract_schema_properties DROP COLUMN classification,"
            ' DROP COLUMN logical_type_options_json, DROP COLUMN "unique";'
            f"ALTER TABLE data_contract_schema_objects DROP COLUMN tags; {older}"
        )
    (orders, _) = await load_schema_objects(database, "c", ["orders", "people"])
    assert {(one.path, one.required, one.unique) for one in orders.tree} >= {("id", True, False)}
    async with database.transaction() as transaction:
        found, _ = await stored(transaction, "r", "c", "orders")
    assert (found.rules, len(found.properties), found.readable) == ([], 5, False)
