"""What Postgres does to answer a query: EXPLAIN ANALYZE of a prepared statement, as asyncpg's."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import asyncpg

__all__ = ["Plan", "PlanMode", "explain", "literal"]


class PlanMode(StrEnum):
    """How a prepared statement is planned; Postgres goes from the one to the other by cost."""

    CUSTOM = "force_custom_plan"
    GENERIC = "force_generic_plan"


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan that was carried out."""

    root: dict[str, Any]
    blocks: int
    """Blocks of tables and indexes that were looked at."""

    @property
    def rows_read(self) -> Counter[str]:
        """Rows that were looked at in each table, those that a filter dropped among them."""
        rows: Counter[str] = Counter()
        for node in self._scans():
            each = sum(
                float(node.get(name, 0))
                for name in (
                    "Actual Rows",
                    "Rows Removed by Filter",
                    "Rows Removed by Index Recheck",
                )
            )
            rows[node["Relation Name"]] += round(each * node["Actual Loops"])
        return rows

    @property
    def read_whole(self) -> set[str]:
        """The tables that were read from their first row on, with no index."""
        return {
            node["Relation Name"]
            for node in self._scans()
            if node["Node Type"] == "Seq Scan" and node["Actual Loops"]
        }

    @property
    def pairs_dropped(self) -> int:
        """Pairs of rows that were put side by side and did not belong together."""
        return sum(
            int(node.get("Rows Removed by Join Filter", 0) * node["Actual Loops"])
            for node in _nodes(self.root)
        )

    @property
    def indexes(self) -> set[str]:
        """The indexes that were used."""
        return {node["Index Name"] for node in _nodes(self.root) if "Index Name" in node}

    def _scans(self) -> Iterator[dict[str, Any]]:
        # An INSERT, UPDATE or DELETE names its table too.
        return (
            node
            for node in _nodes(self.root)
            if "Relation Name" in node and node["Node Type"] != "ModifyTable"
        )


def literal(value: object) -> str:
    """Return a value as EXECUTE takes it: quoted, to become what the parameter is."""
    if value is None:
        return "NULL"
    if isinstance(value, list | tuple):
        value = "{" + ",".join(json.dumps(str(one)) for one in value) + "}"
    return "'" + str(value).replace("'", "''") + "'"


async def explain(
    connection: asyncpg.Connection, query: str, arguments: Sequence[object], mode: PlanMode
) -> Plan:
    """Carry a query out in a transaction that is rolled back, and return how Postgres did it."""
    values = f"({', '.join(map(literal, arguments))})" if arguments else ""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(f"SET LOCAL plan_cache_mode = {mode}")
        await connection.execute(f"PREPARE explained AS {query}")
        text = await connection.fetchval(
            f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE explained{values}"
        )
    finally:
        await transaction.rollback()
        await connection.execute("DEALLOCATE explained")
    (answer,) = json.loads(text)
    root = answer["Plan"]
    return Plan(root, root.get("Shared Hit Blocks", 0) + root.get("Shared Read Blocks", 0))


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)
