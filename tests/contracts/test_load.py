"""What a contract says of its columns and of the checks that it has, also in an older backend."""

import pytest

from deploy.sandbox.backend import Backend
from worker.attempt.plan import plan
from worker.checks.known import KnownProperty
from worker.contracts.load import load_checks, load_schema_objects
from worker.database.pool import Database

pytestmark = pytest.mark.anyio

CONTRACT = """
INSERT INTO data_contracts (id, name, version) VALUES ('c', 'C', '1');
INSERT INTO data_contract_schema_objects (id, contract_id, name, physical_name, tags) VALUES
    ('o', 'c', 'orders', 'main.shop.orders', '["gold"]'),
    ('p', 'c', 'people', 'main.shop.people', '["gold", "PII"]');
INSERT INTO data_contract_schema_properties (
    id, object_id, parent_property_id, name, classification, logical_type_options_json, required,
    "unique")
VALUES ('1', 'o', NULL, 'id', 'public', NULL, true, true),
       ('2', 'o', NULL, 'customer', NULL, NULL, false, false),
       ('3', 'o', '2', 'address', 'Personal Data', NULL, false, false),
       ('4', 'o', '3', 'zip', NULL, NULL, true, false),
       ('5', 'o', NULL, 'note', NULL, '{"tags": ["pii"]}', false, false),
       ('6', 'p', NULL, 'id', NULL, NULL, false, false);
INSERT INTO data_contract_quality_checks (id, object_id, property_id, name, type, must_be) VALUES
    ('1', 'o', '4', 'nullValues', 'library', '0'), ('2', 'o', NULL, 'rowCount', 'library', '7');
"""


@pytest.fixture
async def contract(backend: Backend) -> Backend:
    async with backend.connection() as owner:
        await owner.execute(CONTRACT)
    return backend


async def test_a_column_is_personal_by_itself_by_what_it_is_in_or_by_what_it_holds(
    contract: Backend, database: Database
) -> None:
    objects = await load_schema_objects(database, "c")
    orders, people = plan(["orders", "people"], "c", objects, ("pii", "personal data"))
    assert orders.properties == ("id", "customer", "note")
    columns = ("id", "customer", "customer.address", "customer.address.zip", "note", "other")
    assert [one in orders.personal for one in columns] == [False, True, True, True, True, False]
    assert "anything" in people.personal


async def test_checks_are_told_with_the_paths_of_their_columns(
    contract: Backend, database: Database
) -> None:
    async with database.transaction() as transaction:
        rows, properties = await load_checks(transaction, "o")
    assert [(row.name, row.must_be, row.column) for row in rows] == [
        ("nullValues", "0", "customer.address.zip"),
        ("rowCount", "7", None),
    ]
    assert properties[-1] == KnownProperty("note", required=False, unique=False)
    assert KnownProperty("id", required=True, unique=True) in properties


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
    (orders, _) = await load_schema_objects(database, "c")
    assert {(one.path, one.required, one.unique) for one in orders.tree} >= {("id", True, False)}
    async with database.transaction() as transaction:
        rows, properties = await load_checks(transaction, "o")
    assert (rows, len(properties)) == ([], 5)
