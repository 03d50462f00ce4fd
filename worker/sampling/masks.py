"""What Unity Catalog hides of a table: columns behind a mask, rows behind a filter.

It names the masks and filters of the table itself. Those of tables below a view, and those of
policies that follow tags, are not among them.
"""

from typing import TYPE_CHECKING

from worker.sampling.sample_facts import NOTHING_HIDDEN, Hidden
from worker.spark.engine_kind import EngineKind
from worker.spark.error_conditions import condition
from worker.tables.table_types import CatalogTable, Table
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["hidden_in"]

log = get_logger(__name__)

_HAVE_UNITY_CATALOG = frozenset({EngineKind.DATABRICKS, EngineKind.RUNTIME})


def hidden_in(session: "SparkSession", engine: EngineKind, table: Table) -> Hidden:
    """Return what is hidden of a table, in one action of Spark; nothing without Unity Catalog.

    Blocks.
    """
    from pyspark.errors import PySparkException
    from pyspark.sql import functions

    if engine not in _HAVE_UNITY_CATALOG or not isinstance(table, CatalogTable):
        return NOTHING_HIDDEN
    try:
        masks, filters = (_of(session, table, name) for name in ("column_masks", "row_filters"))
        found = masks.select("column_name").unionAll(filters.select(functions.lit(None))).collect()
    # A catalog that is none of Unity's, or that the worker's role may not ask. A session that was
    # lost is noticed where it is used next.
    except PySparkException as error:
        log.warning(Event.MASKS_UNREAD, table=str(table), error=condition(error))
        return NOTHING_HIDDEN
    names = [row[0] for row in found]
    return Hidden(frozenset(name.casefold() for name in names if name), rows=None in names)


def _of(session: "SparkSession", table: CatalogTable, name: str) -> "DataFrame":
    """Return what the information schema of the table's catalog has of it, unread."""
    from pyspark.sql import functions

    here = [session.catalog.currentCatalog(), session.catalog.currentDatabase()]
    catalog, schema, short = [*here[: 3 - len(table.parts)], *table.parts]
    described = session.table(CatalogTable((catalog, "information_schema", name)).quoted)
    # The documentation has `schema_name`; queries that people publish have `table_schema`.
    names = {column.lower() for column in described.columns}
    of_schema = "table_schema" if "table_schema" in names else "schema_name"
    return described.where(
        (functions.lower(of_schema) == schema.lower())
        & (functions.lower("table_name") == short.lower())
    )
