"""What Unity Catalog says of masks and filters is read; Spark's own catalog stands in for it."""

from collections.abc import Iterator

import pytest

from worker.sampling.masks import hidden_in
from worker.sampling.sample_facts import NOTHING_HIDDEN, Hidden
from worker.spark.engine_kind import EngineKind
from worker.spark.engines.local import LocalEngine
from worker.tables.table_types import CatalogTable

MASKS = "('main', 'shop', 'people', 'Mail'), ('main', 'hr', 'people', 'pay')"


@pytest.fixture
def described(engine: LocalEngine) -> Iterator[LocalEngine]:
    """A catalog with views of the columns that Databricks documents."""
    of_table = "catalog_name, schema_name, table_name"
    for statement in (
        "CREATE DATABASE information_schema",
        "CREATE VIEW information_schema.column_masks AS"
        f" SELECT * FROM VALUES {MASKS} AS t({of_table}, column_name)",
        "CREATE VIEW information_schema.row_filters AS"
        f" SELECT * FROM VALUES ('main', 'shop', 'orders') AS t({of_table})",
    ):
        engine.session.sql(statement)
    yield engine
    engine.session.sql("DROP DATABASE information_schema CASCADE")


def hidden(engine: LocalEngine, *parts: str, kind: EngineKind = EngineKind.RUNTIME) -> Hidden:
    return hidden_in(engine.session, kind, CatalogTable(parts))


def test_masks_and_filters_of_a_table_are_found(described: LocalEngine) -> None:
    masked, filtered = Hidden(frozenset({"mail"})), Hidden(rows=True)

    assert hidden(described, "spark_catalog", "Shop", "PEOPLE") == masked
    assert hidden(described, "shop", "orders", kind=EngineKind.DATABRICKS) == filtered
    assert hidden(described, "spark_catalog", "shop", "items") == NOTHING_HIDDEN
    # Of the current schema.
    assert hidden(described, "people") == NOTHING_HIDDEN
    assert hidden(described, "shop", "people", kind=EngineKind.LOCAL) == NOTHING_HIDDEN


ODD = 'it\'s `odd`. "table"'
ODD_MASKS = [("shop", ODD, "e.mail"), ("Shop", ODD.upper(), "ZIP`code"), ("shop", "it", "other")]


def test_names_of_any_characters_and_case_are_compared_as_values(engine: LocalEngine) -> None:
    """The views have the names that live workspaces give their columns."""
    session = engine.session
    session.sql("CREATE DATABASE information_schema")
    try:
        masks = session.createDataFrame(ODD_MASKS, ["table_schema", "table_name", "column_name"])
        masks.write.saveAsTable("information_schema.column_masks")
        masks.limit(0).write.saveAsTable("information_schema.row_filters")
        found = hidden(engine, "spark_catalog", "SHOP", ODD)
    finally:
        session.sql("DROP DATABASE information_schema CASCADE")

    assert found == Hidden(frozenset({"e.mail", "zip`code"}))
    assert "`e.mail`" in found
    assert "`Zip``Code`" in found
    assert "e.mail" not in found


@pytest.mark.parametrize(
    "view",
    [
        # What Spark raises while it reads, as if the role had no privilege.
        "SELECT raise_error('DENIED') AS column_name, 'shop' AS schema_name, 't' AS table_name",
        # A schema of some other program.
        "SELECT 1 AS one",
    ],
)
def test_views_that_cannot_be_read_hide_nothing_and_are_reported(
    engine: LocalEngine, view: str, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.session.sql("CREATE DATABASE information_schema")
    try:
        for name in ("column_masks", "row_filters"):
            engine.session.sql(f"CREATE VIEW information_schema.{name} AS {view}")
        assert hidden(engine, "spark_catalog", "shop", "t") == NOTHING_HIDDEN
    finally:
        engine.session.sql("DROP DATABASE information_schema CASCADE")
    assert "masks.unread" in capsys.readouterr().out


def test_a_catalog_that_does_not_say_hides_nothing(engine: LocalEngine) -> None:
    assert hidden(engine, "spark_catalog", "shop", "people") == NOTHING_HIDDEN
