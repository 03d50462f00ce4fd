"""Of what the workspace answered no more is passed on than its code and a sentence."""

import pytest
from databricks.sdk.errors import NotFound
from databricks.sdk.errors.base import DatabricksError

from worker.workspace.errors import WorkspaceError
from worker.workspace.options import WorkspaceOptions
from worker.workspace.sdk_errors import translated

WORKSPACE = WorkspaceOptions(databricks_host="https://w.example")
RANDOM = "Zm9vYmFyQmF6MTIzNDU2Nzg5MA"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Endpoint e does not exist", "NOT_FOUND: Endpoint e does not exist"),
        (f"Endpoint e does not exist\n{RANDOM}", "NOT_FOUND: Endpoint e does not exist"),
        (f"no {RANDOM}", "NOT_FOUND: no ****"),
        ("at postgresql://me:hunter2@db", "NOT_FOUND: at postgresql://me:****@db"),
        (f"No. Config: host=https://w.example, token={RANDOM}", "NOT_FOUND: No"),
        ("unable to parse response. This is likely a bug: <html>", "NOT_FOUND"),
        ("x" * 5_000, f"NOT_FOUND: {'x' * 200}"),
    ],
)
def test_an_answer_is_reported_by_its_code_and_its_first_words(words: str, said: str) -> None:
    with pytest.raises(WorkspaceError) as caught, translated(WORKSPACE):
        raise NotFound(words, error_code="NOT_FOUND")
    assert str(caught.value) == f"https://w.example does not have it ({said})"
    # A traceback would show the answer.
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("seconds", [7, None])
def test_when_to_come_back_is_passed_on(seconds: int | None) -> None:
    with pytest.raises(WorkspaceError) as caught, translated(WORKSPACE):
        raise DatabricksError("busy", error_code="BUSY", retry_after_secs=seconds)
    assert caught.value.retry_after == seconds
