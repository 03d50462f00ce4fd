"""Odd tables are profiled as far as DQX can, and what was left out is said."""

import json
import math
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from tests.process.conftest import Site
from tests.support.contracts import contract
from tests.support.runs import ended, suggestions

pytestmark = [pytest.mark.anyio]

ROWS = 40


async def completed(
    site: Site, name: str, table: pa.Table
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Profile a table, alone in its contract; return its part of the summary and its rows."""
    path: Path = site.tables / f"{name}.parquet"
    pa.parquet.write_table(table, path)
    await site.backend.add_contract(contract(name, it=path))
    run_id = await site.backend.request(name, ["it"])
    (run,) = await ended(site.backend, run_id)
    assert (run["status"], run["error_message"]) == ("completed", None)
    json.loads(run["summary_stats"], parse_constant=pytest.fail)
    return json.loads(run["summary_stats"])["tables"]["it"], await suggestions(site.backend, run_id)


def rules(rows: list[dict[str, Any]]) -> set[str]:
    return {one["rule"] for one in rows}


async def test_a_table_without_rows_completes_without_suggestions(site: Site) -> None:
    part, rows = await completed(site, "no-rows", pa.table({"id": pa.array([], pa.int64())}))
    assert (part["rows"], rows) == (0, [])


async def test_one_row_all_nulls_and_a_constant_are_profiled(site: Site) -> None:
    part, rows = await completed(site, "one-row", pa.table({"id": [7]}))
    assert rules(rows) == {"id is filled"}
    assert part["held_back"] == {"id_isnt_in_range": "too few values for a range or a list"}
    part, rows = await completed(
        site,
        "nulls",
        pa.table(
            {
                "gone": pa.array([None] * ROWS, pa.int64()),
                "same": ["x"] * ROWS,
                "void": [None] * ROWS,
            }
        ),
    )
    assert rules(rows) == {"same has text", "same is always x"}
    assert part["summary_stats"]["gone"]["count_null"] == ROWS


async def test_sixty_columns_are_all_profiled(site: Site) -> None:
    part, rows = await completed(
        site, "sixty", pa.table({f"c{n}": list(range(ROWS)) for n in range(60)})
    )
    assert (part["columns"], part["skipped_columns"]) == (60, {})
    assert len(rows) == 120


async def test_names_of_every_kind_are_profiled(site: Site) -> None:
    names = ["with blank", "a.b", "c`d", "Größe", "UPPER", "case", "CASE", "semi;colon", "null"]
    part, rows = await completed(
        site, "names-of-columns", pa.table({name: list(range(ROWS)) for name in names})
    )
    assert part["skipped_columns"] == {}
    assert {"a.b", "case", "CASE"} <= part["summary_stats"].keys()
    assert rules(rows) == {
        *(f"{name} is filled" for name in names),
        *(f"{name} from 0 to {ROWS - 1}" for name in names),
    }
    assert len(rows) == 2 * len(names)


async def test_fields_of_every_name_are_profiled(site: Site) -> None:
    struct = [{"ok": 1, "x.y": 2, "deep": {"also ok": 3, "b`c": 4}}] * ROWS
    alone = [{"p.q": 1}] * ROWS
    part, rows = await completed(site, "structs", pa.table({"s": struct, "alone": alone}))
    assert part["skipped_columns"] == {}
    assert part["summary_stats"].keys() == {
        *("s.ok", "s.`x.y`", "s.deep.also ok", "s.deep.`b``c`", "alone.`p.q`")
    }
    names = ("s.ok", "s.x.y", "s.deep.also ok", "s.deep.b`c", "alone.p.q")
    assert rules(rows) >= {f"{name} is filled" for name in names}


async def test_types_of_every_kind_cost_no_other_column_its_checks(site: Site) -> None:
    moment = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    deep = {"a": {"b": {"c": 1}}}
    columns: dict[str, Any] = {
        "plain": list(range(ROWS)),
        "binary": [b"\x00\xff"] * ROWS,
        "flag": [True, False] * (ROWS // 2),
        "d2": pa.array([Decimal("1.25")] * ROWS, pa.decimal128(5, 2)),
        "d18": pa.array([Decimal("1.000000000000000001")] * ROWS, pa.decimal128(38, 18)),
        "day": [date(2024, 1, 1)] * ROWS,
        "zoned": pa.array([moment] * ROWS, pa.timestamp("us", "UTC")),
        "local": pa.array([moment.replace(tzinfo=None)] * ROWS, pa.timestamp("us")),
        "map": pa.array([[("k", 1)]] * ROWS, pa.map_(pa.string(), pa.int64())),
        "list": [[1, 2]] * ROWS,
        "deep": [deep] * ROWS,
        "real": [float(n) for n in range(ROWS)],
        "not_a_number": [math.nan] + [1.0] * (ROWS - 1),
        "endless": [math.inf, -math.inf] + [1.0] * (ROWS - 2),
    }
    part, rows = await completed(site, "types", pa.table(columns))
    assert part["columns"] == len(columns)
    assert part["skipped_columns"] == {}
    assert rules(rows) >= {
        "plain is filled",
        f"plain from 0 to {ROWS - 1}",
        "flag is filled",
        "d2 is always 1.25",
        "d18 is filled",
        "day is always 2024-01-01",
        "deep.a.b.c is filled",
        f"real from 0 to {ROWS - 1}",
        "list is filled",
        "binary is filled",
    }
    for one in rows:
        assert "nan" not in one["implementation"].lower()
        assert "inf" not in one["implementation"].lower()


async def test_texts_that_json_and_postgres_find_hard_are_stored(site: Site) -> None:
    texts = ['quote " and \\ slash', "NUL \x00 inside", "line\nbreak", "🙂", "it's"]
    part, rows = await completed(site, "texts", pa.table({"text": texts * 30}))
    assert part["summary_stats"]["text"]["count_distinct"] == len(texts)
    (listed,) = [one for one in rows if one["name"] == "text in list"]
    allowed = json.loads(listed["implementation"])["check"]["arguments"]["allowed"]
    assert "'🙂'" in allowed
    assert "'it\\'s'" in allowed
    assert not any(character in listed["rule"] for character in "\x00\n")


async def test_cells_of_a_megabyte_stay_in_spark(site: Site) -> None:
    """The shared worker fetches 20 MB at most."""
    cells = [str(n % 2) * 1_000_000 for n in range(50)]
    part, rows = await completed(site, "cells", pa.table({"id": list(range(50)), "cell": cells}))
    assert (part["rows"], part["of_rows"], part["counted_by"]) == (50, 50, "spark")
    assert "id from 0 to 49" in rules(rows)
    assert all(len(one["implementation"]) < 1_000 for one in rows)
    assert len(json.dumps(part)) < 10_000


async def test_columns_whose_names_no_index_takes_are_held_back(site: Site) -> None:
    columns = {"id": list(range(ROWS)), "n" * 5_000: list(range(ROWS))}
    part, rows = await completed(site, "long-names", pa.table(columns))
    assert rules(rows) == {"id is filled", f"id from 0 to {ROWS - 1}"}
    assert set(part["held_back"].values()) == {"its column's name is too long"}


async def test_values_that_are_too_long_for_a_rule_are_held_back_and_said(site: Site) -> None:
    long = ["x" * 15_000, "y" * 15_000]
    part, rows = await completed(site, "long", pa.table({"text": long * 50}))
    assert part["held_back"] == {"text_other_value": "its values are too long for a rule"}
    assert rules(rows) == {"text has text"}
