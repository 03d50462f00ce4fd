"""A table that can't be profiled fails with words, and costs the others nothing."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from tests.process.conftest import Site
from tests.support.contracts import contract, write_parquet
from tests.support.runs import ended, suggestions
from tests.support.waiting import until

pytestmark = [pytest.mark.anyio]

OUTSIDE = "lies outside the folders of DQX_WORKER_ROOTS"
NO_NAME = "is not the name of a table: expected catalog.schema.table"
SQL = "reads a file through SQL: that is not allowed"
SYSTEM = "belongs to the system and is never profiled"


async def failures(site: Site, contract_id: str, **physical_names: str | Path) -> dict[str, str]:
    """Ask for all of these schemas and a good one in one request; return each one's error."""
    good = write_parquet(site.tables / f"{contract_id}-good.parquet", id=[1, 2, 3])
    await site.backend.add_contract(contract(contract_id, good=good, **physical_names))
    run_id = await site.backend.request(contract_id, [*physical_names, "good"])
    (run,) = await ended(site.backend, run_id)
    assert run["status"] == "failed"
    count = len(physical_names)
    assert run["error_message"].startswith(f"Failed to profile {count} of {count + 1} schemas: ")
    assert "Traceback" not in run["error_message"]
    assert {one["schema_name"] for one in await suggestions(site.backend, run_id)} == {"good"}
    summary = json.loads(run["summary_stats"])
    return {one["schema"]: one["error"] for one in summary["errors"]}


async def test_names_that_are_no_tables_are_refused(site: Site) -> None:
    assert await failures(
        site,
        "names",
        injected="t; DROP TABLE x",
        unbalanced="main.`shop.orders",
        sql_on_file="csv.`/etc/passwd`",
        url="https://example.com/x.parquet",
        bucket="s3://bucket/key",
        four="a.b.c.d",
    ) == {
        "injected": f"t; DROP TABLE x {NO_NAME}, with parts that hold blanks or signs in"
        " back-quotes",
        "unbalanced": f"main.`shop.orders {NO_NAME}, with parts that hold blanks or signs in"
        " back-quotes",
        "sql_on_file": f"csv.`/etc/passwd` {SQL}",
        "url": "https://example.com/x.parquet is a URL: only tables of a catalog and files below"
        " DQX_WORKER_ROOTS may be profiled",
        "bucket": "s3://bucket/key is a URL: only tables of a catalog and files below"
        " DQX_WORKER_ROOTS may be profiled",
        "four": f"a.b.c.d {NO_NAME}, with parts that hold blanks or signs in back-quotes",
    }


async def test_tables_that_are_not_there_or_not_allowed_are_distinguished(site: Site) -> None:
    reported = await failures(
        site,
        "allowed",
        absent="main.shop.orders",
        forbidden="secret.hr.salaries",
        short="orders",
        system="system.access.audit",
        schema="main.information_schema.tables",
    )
    assert reported["absent"] == "table main.shop.orders was not found"
    assert (
        "table secret.hr.salaries may not be profiled: DQX_WORKER_TABLES" in reported["forbidden"]
    )
    assert reported["short"].endswith("; give its full name, catalog.schema.table")
    assert reported["system"] == f"table system.access.audit {SYSTEM}"
    assert reported["schema"] == f"table main.information_schema.tables {SYSTEM}"


async def test_paths_that_lead_out_of_the_roots_are_refused(site: Site) -> None:
    secret = write_parquet(site.tables.parent / "secret.parquet", id=[1])
    (site.tables / "link.parquet").symlink_to(secret)
    folder = site.tables / "folder"
    write_parquet(folder / "fine.parquet", id=[1])
    (folder / "out.parquet").symlink_to(secret)
    reported = await failures(
        site,
        "paths",
        outside="/etc/passwd",
        dots=f"{site.tables}/../secret.parquet",
        link=site.tables / "link.parquet",
        inside=folder,
        absent=site.tables / "absent.parquet",
        kind=_written(site.tables / "notes.txt", b"hello"),
    )
    assert reported == {
        "outside": f"/etc/passwd {OUTSIDE}",
        "dots": f"{site.tables}/../secret.parquet {OUTSIDE}",
        "link": f"{site.tables}/link.parquet {OUTSIDE}",
        "inside": f"{folder} {OUTSIDE}",
        "absent": f"file {site.tables}/absent.parquet was not found",
        "kind": f"file {site.tables}/notes.txt is neither parquet (.parquet) nor CSV (.csv)",
    }


async def test_files_that_cannot_be_read_say_what_is_wrong_with_them(site: Site) -> None:
    none = site.tables / "none.parquet"
    pa.parquet.write_table(pa.table({}), none)
    wide = write_parquet(site.tables / "wide.parquet", **{f"c{n}": [1] for n in range(2001)})
    deep = write_parquet(site.tables / "deep.parquet", s=[{f"c{n}": 1 for n in range(2001)}])
    reported = await failures(
        site,
        "files",
        corrupt=_written(site.tables / "corrupt.parquet", b"PAR1 and then nothing of it"),
        latin=_written(site.tables / "latin.csv", "name\nJosé\n".encode("latin-1")),
        empty=_written(site.tables / "empty.csv", b""),
        none=none,
        wide=wide,
        deep=deep,
    )
    assert reported == {
        "corrupt": f"file {site.tables}/corrupt.parquet can't be read: it is damaged or of"
        " another format",
        "latin": f"file {site.tables}/latin.csv is not UTF-8 text: convert it",
        "empty": f"table {site.tables}/empty.csv has no columns",
        "none": f"table {none} has no columns",
        "wide": f"table {wide} has 2001 columns, the limit is 2000 (DQX_WORKER_MAX_COLUMNS)",
        "deep": f"table {deep} has 2001 columns, the limit is 2000 (DQX_WORKER_MAX_COLUMNS)",
    }


async def test_a_file_that_vanishes_while_it_is_read_was_not_found(site: Site) -> None:
    path = site.tables / "vanishing.csv"
    path.write_text("a,b\n" + "1,some text that fills the line\n" * 2_000_000)
    await site.backend.add_contract(contract("vanishing", vanishing=path))
    run_id = await site.backend.request("vanishing", ["vanishing"])

    async def sampling() -> bool:
        return any(one["run_id"] == run_id for one in await site.backend.progress())

    await until(sampling, "the worker begins with the table")
    path.unlink()
    (run,) = await ended(site.backend, run_id)
    assert run["status"] == "failed"
    assert run["error_message"].endswith(f"vanishing: file {path} was not found")


async def test_schemas_that_the_contract_lacks_are_answered_with_the_nearest(site: Site) -> None:
    path = write_parquet(site.tables / "known.parquet", id=[1])
    await site.backend.add_contract(
        contract("known", customers=path, orders=path, order_lines=path)
    )
    async with site.backend.connection() as owner:
        await owner.execute(
            "UPDATE data_contract_schema_objects SET physical_name = NULL"
            " WHERE contract_id = 'known' AND name = 'customers'"
        )
    unknown = ["ordres", "o'r\"d;ers", "größe 🙂", *(f"x{n}" for n in range(190))]
    run_id = await site.backend.request("known", [*unknown, "customers", "orders", "orders"])
    (run,) = await ended(site.backend, run_id)
    assert run["error_message"].startswith("Failed to profile 194 of 195 schemas: ")
    assert run["error_message"].endswith("and 174 more (see summary_stats)")
    summary = json.loads(run["summary_stats"])
    reported = {one["schema"]: one["error"] for one in summary["errors"]}
    assert set(reported) == {*unknown, "customers"}
    assert reported["ordres"] == (
        "the contract has no schema 'ordres'; it has orders, order_lines, customers"
    )
    assert reported["customers"] == "the schema has no physical name: give it a table to read"
    rows = await suggestions(site.backend, run_id)
    assert {one["schema_name"] for one in rows} == {"orders"}
    assert len(rows) == summary["total_suggestions"]


async def test_a_file_without_permission_is_reported(site: Site) -> None:
    closed = write_parquet(site.tables / "closed.parquet", id=[1])
    folder = site.tables / "closed-folder"
    write_parquet(folder / "fine.parquet", id=[1])
    closed.chmod(0)
    folder.chmod(0)
    reported = await failures(site, "permission", closed=closed, folder=folder)
    folder.chmod(0o700)
    assert reported == {
        "closed": f"{closed} can't be read: the worker has no permission",
        "folder": f"{folder} can't be read: the worker has no permission",
    }
    assert "Traceback" not in site.log.read_text()


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
