"""Which ends of processes are told."""

import json
from pathlib import Path

from tests.chaos.logs import ended_by_themselves


def _log(folder: Path, *events: tuple[str, int | None]) -> Path:
    path = folder / "worker.log"
    lines = [
        json.dumps({"event": name, "exit_code": code, "error": "why"}) for name, code in events
    ]
    path.write_text("\n".join([*lines[:1], '{"event": "worker.re', "a JVM's words", *lines[1:]]))
    return path


def test_a_defect_is_reported_at_any_time(tmp_path: Path) -> None:
    log = _log(tmp_path, ("worker.starting", None), ("worker.failed", 1))
    assert list(ended_by_themselves(log)) == ["ended before it was ready, with exit code 1: why"]


def test_a_failed_start_is_not_reported_and_an_end_once_ready_is(tmp_path: Path) -> None:
    start, ready, failed = ("worker.starting", None), ("worker.ready", None), ("worker.failed", 4)
    log = _log(tmp_path, start, failed, start, ready, start, failed, start, ready, failed)
    assert list(ended_by_themselves(log)) == ["ended after it was ready, with exit code 4: why"]


def test_no_log_reports_nothing(tmp_path: Path) -> None:
    assert list(ended_by_themselves(tmp_path / "none.log")) == []
