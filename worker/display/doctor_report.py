"""How the findings of `dqx-worker doctor` are shown."""

import textwrap
from collections.abc import Sequence
from typing import Any

from rich.text import Text

from worker.display.output import console
from worker.doctor.step_report import Status, StepReport
from worker.telemetry.redact import redacted, redacted_event
from worker.telemetry.text import visible_lines

__all__ = ["plain", "print_finding", "print_verdict"]

_MARKS = {
    Status.OK: ("✓", "green"),
    Status.FAILED: ("✗", "bold red"),
    Status.SKIPPED: ("–", "dim"),  # noqa: RUF001
}
_NAME_WIDTH = 11
_TIME_WIDTH = 7
_INDENT = 2 + _NAME_WIDTH + 1 + _TIME_WIDTH + 1
_NARROWEST = 40


def print_finding(finding: StepReport) -> None:
    """Print a finding for people: what was seen, and below it what to do."""
    mark, style = _MARKS[finding.status]
    skipped = finding.status is Status.SKIPPED
    took = f"{finding.seconds:.2f} s"
    head = Text.assemble(
        (mark, style), f" {finding.step:<{_NAME_WIDTH}} ", (f"{took:>{_TIME_WIDTH}} ", "dim")
    )
    for part in _lines(redacted(finding.said)):
        head.append(part, "dim" if skipped else "")
        console.print(head, soft_wrap=True)
        head = Text(" " * _INDENT)
    for hint in finding.hints:
        for part in _lines(f"→ {redacted(hint)}"):
            console.print(Text(" " * _INDENT + part, "yellow"), soft_wrap=True)


def print_verdict(findings: Sequence[StepReport], *, with_engine: bool) -> None:
    """Print whether a worker can start with this set-up, or how many steps have to be mended."""
    failed = [one.step for one in findings if one.status is Status.FAILED]
    remarks = sum(len(one.hints) for one in findings if one.status is Status.OK)
    if failed:
        things = "1 thing" if len(failed) == 1 else f"{len(failed)} things"
        verdict = Text(f"{things} to do: {', '.join(failed)}", "bold red")
    else:
        left_out = "" if with_engine else ", apart from Spark, which was left out"
        verdict = Text(f"Ready{left_out}", "bold green")
    if remarks:
        verdict.append(f" ({remarks} {'remark' if remarks == 1 else 'remarks'} above)", "dim")
    console.print()
    console.print(verdict, soft_wrap=True)


def _lines(text: str) -> list[str]:
    """Return `text` as lines that fit beside the column of names; no word is cut in two."""
    text = visible_lines(text)
    if text.endswith(";"):
        # A statement, to be copied: the terminal breaks it without a line break.
        return [text]
    width = max(console.width - _INDENT, _NARROWEST)
    return [
        line
        for paragraph in text.splitlines()
        for line in textwrap.wrap(paragraph, width, break_long_words=False, break_on_hyphens=False)
    ]


def plain(finding: StepReport, exit_code: int | None) -> dict[str, Any]:
    """Return a finding for programs; `exit_code` is that of its error, if it has one."""
    shown: dict[str, Any] = redacted_event(
        None,
        "",
        {
            "step": finding.step,
            "status": finding.status.value,
            "seconds": finding.seconds,
            "said": finding.said,
            "detail": dict(finding.detail),
            "hints": finding.hints,
            "exit_code": exit_code,
        },
    )
    return shown
