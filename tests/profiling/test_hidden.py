"""What Unity Catalog says of masks and filters is read; Spark's own catalog stands in for it."""

from collections.abc import Iterator

import pytest

from worker.profiling.engines.local import LocalEngine
from worker.profiling.hidden import hidden_in
from worker.profiling.options import EngineKind
from worker.profiling.profile import NOTHING_HIDDEN, Hidden
from worker.profiling.table import CatalogTable

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


def test_a_catalog_that_does_not_say_hides_nothing(engine: LocalEngine) -> None:
    assert hidden(engine, "spark_catalog", "shop", "people") == NOTHING_HIDDEN
