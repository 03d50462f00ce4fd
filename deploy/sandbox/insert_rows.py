"""Rows of the backend's tables, inserted as the backend inserts them.

Its tables have no defaults but those of time stamps: SQLAlchemy fills the others in Python. So
does `insert`, and every other INSERT has to name every column that is NOT NULL.
"""

from collections.abc import Mapping
from typing import Any

import asyncpg

__all__ = ["insert"]

_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "data_contracts": {
        "kind": "DataContract",
        "api_version": "v3.1.0",
        "version": "1.0.0",
        "status": "draft",
        "published": False,
        "publication_scope": "none",
    },
    "data_contract_schema_objects": {"logical_type": "object"},
    "data_contract_schema_properties": {
        "required": False,
        "unique": False,
        "primary_key": False,
        "partitioned": False,
        "primary_key_position": -1,
        "partition_key_position": -1,
        "critical_data_element": False,
    },
    "data_contract_quality_checks": {"type": "library"},
    "data_profiling_runs": {"source": "dqx", "status": "pending"},
    "suggested_quality_checks": {"source": "dqx", "status": "pending", "type": "library"},
}
_COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
"""


async def insert(connection: asyncpg.Connection, table: str, **values: Any) -> None:
    """Insert one row; columns that are not given get the backend's own defaults.

    Defaults of columns that the table lacks are left out, for an older backend lacks some.
    """
    there = {row["attname"] for row in await connection.fetch(_COLUMNS, table)}
    row = {name: value for name, value in _defaults(table, values).items() if name in there}
    row |= values
    names = ", ".join(f'"{name}"' for name in row)
    places = ", ".join(f"${number + 1}" for number in range(len(row)))
    await connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", *row.values())  # noqa: S608


def _defaults(table: str, values: Mapping[str, Any]) -> dict[str, Any]:
    defaults = dict(_DEFAULTS[table])
    if table == "data_contracts":
        # The first version of a contract begins a family of its own.
        defaults["version_family_id"] = values["id"]
    return defaults
