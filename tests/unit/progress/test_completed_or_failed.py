import json

import pytest

from worker.progress.completed_or_failed import refusal, run_result
from worker.progress.table_progress import TableRecord
from worker.queue.run_result import RunStatus

LIMIT = 1_000_000


def done(name: str) -> TableRecord:
    return TableRecord(name, "completed", 2, None, '{"physical_name": "t"}')


def failed(name: str, error: str = "table main.shop.orders was not found") -> TableRecord:
    return TableRecord(name, "failed", 0, error, None)


def message(*records: TableRecord) -> str | None:
    return run_result(records, LIMIT).error_message


def test_a_run_whose_tables_were_all_profiled_is_completed_without_a_message() -> None:
    end = run_result([done("orders"), done("items")], LIMIT)

    assert end.status is RunStatus.COMPLETED
    assert end.error_message is None
    assert json.loads(end.summary_stats or "")["total_suggestions"] == 4


def test_one_failed_table_fails_the_run_and_keeps_what_the_others_gave() -> None:
    end = run_result([done("items"), failed("orders"), done("parts")], LIMIT)
    summary = json.loads(end.summary_stats or "")

    assert end.status is RunStatus.FAILED
    assert end.error_message == (
        "Failed to profile 1 of 3 schemas: orders: table main.shop.orders was not found"
    )
    assert [error["schema"] for error in summary["errors"]] == ["orders"]
    assert summary["total_suggestions"] == 4


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([failed("a", "x")], "Failed to profile 1 of 1 schema: a: x"),
        ([failed("a", "x"), failed("b", "y")], "Failed to profile 2 of 2 schemas: a: x; b: y"),
        ([failed("a", "")], "Failed to profile 1 of 1 schema: a: "),
    ],
)
def test_every_cause_is_reported_with_its_schema(records: list[TableRecord], expected: str) -> None:
    assert message(*records) == expected


def test_after_twenty_causes_the_others_are_counted() -> None:
    records = [failed(f"s{number}", "x") for number in range(23)]

    assert str(message(*records[:20])).endswith("; s18: x; s19: x")
    assert str(message(*records[:21])).endswith("; s19: x; and 1 more (see summary_stats)")
    assert str(message(*records)).endswith("; s19: x; and 3 more (see summary_stats)")


def test_the_summary_keeps_to_its_limit() -> None:
    records = [failed(f"s{number}", "x" * 500) for number in range(200)]

    assert len((run_result(records, 1000).summary_stats or "").encode()) <= 1000


def test_a_refusal_says_its_reason_in_the_message_and_in_the_summary() -> None:
    end = refusal("schema_names is empty")

    assert (end.status, end.error_message) == (RunStatus.FAILED, "schema_names is empty")
    assert json.loads(end.summary_stats or "") == {
        "tables": {},
        "total_suggestions": 0,
        "errors": [{"schema": None, "table": None, "error": "schema_names is empty"}],
    }
