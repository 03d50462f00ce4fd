import pytest

from tests.unit.tables.options import options, resolved
from worker.tables.errors import TableError
from worker.tables.table_types import CatalogTable


def refusal(name: str, *tables: str) -> str:
    with pytest.raises(TableError) as caught:
        resolved(name, options(tables=tables or ("*",)))
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "parts", "quoted"),
    [
        ("orders", ("orders",), "`orders`"),
        ("shop.orders", ("shop", "orders"), "`shop`.`orders`"),
        (" main.shop.orders\t", ("main", "shop", "orders"), "`main`.`shop`.`orders`"),
        ("main.größe-2.a1", ("main", "größe-2", "a1"), "`main`.`größe-2`.`a1`"),
        ("`my cat`.s.`a/b; -- \\`", ("my cat", "s", "a/b; -- \\"), "`my cat`.`s`.`a/b; -- \\`"),
        ("`a.b`.`we``ird`", ("a.b", "we`ird"), "`a.b`.`we``ird`"),
        ("````", ("`",), "````"),
        ("csv", ("csv",), "`csv`"),
        ("main.shop.systems", ("main", "shop", "systems"), "`main`.`shop`.`systems`"),
        ("main.csv.orders", ("main", "csv", "orders"), "`main`.`csv`.`orders`"),
    ],
)
def test_a_name_of_a_catalog_is_read_part_by_part(
    name: str, parts: tuple[str, ...], quoted: str
) -> None:
    table = resolved(name, options())

    assert table == CatalogTable(parts)
    assert isinstance(table, CatalogTable)
    assert table.quoted == quoted
    assert str(table) == ".".join(parts)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("*", "anything"),
        ("main.shop.orders", "main.shop.orders"),
        ("main.shop.*", "main.shop.orders"),
        ("Main.SHOP.*", "mAiN.shop.ORDERS"),
        ("main.*.fact_*", "main.shop.fact_sales"),
        ("*.*.*", "`x y`.shop.orders"),
        ("main.shop.*", "main.shop.`a.b`"),
    ],
)
def test_a_table_that_a_pattern_matches_is_allowed(pattern: str, name: str) -> None:
    assert isinstance(resolved(name, options(tables=("no.such.one", pattern))), CatalogTable)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("main.shop.*", "main.hr.salaries"),
        ("main.shop.*", "shop.orders"),
        ("main.shop.*", "orders"),
        ("main.*", "main.shop.orders"),
        ("main.shop.orders", "main.shop.orders2"),
        ("main.shop.*", "`main.shop`.salaries"),
        ("main.shop.*", "`main.shop.x`"),
        ("main.*.orders", "`main.shop.orders`"),
        ("main.shop.*", "`main.shop`.`x`.salaries"),
        ("main.shop.*", "main.`shop.x`"),
        ("main.shop.*", "main.`shop.x`.salaries"),
        ("shop.*", "`shop.x`.y.z"),
        ("*.*.*", "a.`b.c`"),
    ],
)
def test_a_table_that_no_pattern_matches_is_refused_with_the_patterns(
    pattern: str, name: str
) -> None:
    message = refusal(name, pattern)

    assert message.startswith(f"table {name} may not be profiled: DQX_WORKER_TABLES allows")
    assert pattern in message


def test_no_pattern_allows_no_table() -> None:
    with pytest.raises(TableError, match=r"table a\.b\.c .* DQX_WORKER_TABLES allows none"):
        resolved("a.b.c", options(tables=()))


def test_all_patterns_are_reported_and_how_to_make_a_name_full() -> None:
    reported = "table {} may not be profiled: DQX_WORKER_TABLES allows main.a.*, main.b.*"
    hint = "; give its full name, catalog.schema.table"

    assert refusal("a.orders", "main.a.*", "main.b.*") == reported.format("a.orders") + hint
    assert refusal("main.c.orders", "main.a.*", "main.b.*") == reported.format("main.c.orders")


@pytest.mark.parametrize(
    "name",
    [
        *("system", "system.access.audit", "SYSTEM.access.audit", "`System`.`access`.audit"),
        *("main.information_schema.columns", "information_schema.tables"),
        *("main.`INFORMATION_SCHEMA`.tables", "main.shop.information_schema"),
    ],
)
def test_tables_of_the_system_are_refused_whatever_the_patterns(name: str) -> None:
    assert refusal(name, "*") == f"table {name} belongs to the system and is never profiled"


@pytest.mark.parametrize(
    "name",
    [
        *("csv.`/etc/passwd`", "`TEXT`.`/etc/passwd`", "binaryFile.`/etc/passwd`"),
        *("parquet.`s3://bucket/x`", "delta.`file:/data`", "json.`../secret`"),
        *("avro.`/a`", "orc.`/a`", "xml.`/a`"),
        "csv.`secret.csv`",
        "`com.databricks.spark.csv`.`/etc/passwd`",
        "`org.apache.spark.sql.execution.datasources.text.TextFileFormat`.`/etc/passwd`",
        "libsvm.`/etc/passwd`",
    ],
)
def test_a_file_that_spark_would_read_through_sql_is_refused(name: str) -> None:
    assert refusal(name) == f"{name} reads a file through SQL: that is not allowed"


@pytest.mark.parametrize(
    "name",
    [
        *("t; DROP TABLE x", "t -- x", "t x", "(select 1)", "a,b", "t@v1", "range(10)", "a'b"),
        *("`t", "t`", "a`b`", "`a`b", "`a``", "``", "``.t", "a.`b`c`"),
        *("a.b.c.d", "`a`.`b`.`c`.`d`", "a..b", ".a", "a.", "a.b.c."),
        *("`a`/../../etc/x.csv", "`s3`://bucket/x.csv"),
    ],
)
def test_what_is_no_name_of_a_table_is_refused(name: str) -> None:
    assert refusal(name).startswith(f"{name} is not the name of a table")


@pytest.mark.parametrize("name", ["", "  "])
def test_an_empty_name_is_refused(name: str) -> None:
    assert "is not the name of a table" in refusal(name)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("a\x00b", "a?b"), ("a\nb.c", "a?b.c"), ("`a\x1bb`", "`a?b`"), ("/a\x7f.csv", "/a?.csv")],
)
def test_control_characters_are_refused_and_not_repeated(name: str, shown: str) -> None:
    assert refusal(name) == f"table {shown} holds control characters"
