"""The page docs/figures/round-trip.md: a line for each case, of what became of it."""

import json
from typing import Any

from tests.round_trip.accept_and_export import SCHEMA, Travelled, comparable, rows_of
from tests.round_trip.cases import CASES
from worker.counting.check import Check

__all__ = ["page"]

_HEAD = """\
# What becomes of a check

    .venv/bin/python -m tests.round_trip

prints this page, a line for each case of `tests/round_trip/cases.py`: DQX's check becomes a row
of `suggested_quality_checks`; the row is accepted as the backend's manager accepts it, exported as
its exporter exports the contract, valid by the JSON schema of ODCS 3.0.2, and read by DQX's own
reader of contracts, once each `implementation` is parsed (the exporter writes it as text, and the
reader skips text without a word). Read back, it has to have the same function, arguments, name,
criticality and filter.

| check | as DQX gives it | the row's name | its rule | of | read back | |
|---|---|---|---|---|---|---|
"""


def page(travelled: Travelled) -> str:
    """Return the page in Markdown."""
    read = {comparable(one): one for one in travelled.read}
    lines = []
    for name, case in CASES.items():
        (row,) = rows_of([case], "run")
        written = json.loads(row.implementation)
        back = read.get(comparable(written))
        arguments = {} if back is None else back["check"]["arguments"]
        cells = [
            name,
            _code(dict(case.arguments)),
            row.name,
            _plain(row.rule),
            row.property_name if row.level == "property" else f"the table {SCHEMA}",
            _code(arguments) if arguments != dict(case.arguments) else "as given",
            _verdict(case, written, back),
        ]
        lines.append("| " + " | ".join(_cell(one or "") for one in cells) + " |")
    return _HEAD + "\n".join(lines) + "\n"


def _verdict(case: Check, written: dict[str, Any], back: dict[str, Any] | None) -> str:
    if back is None:
        return "lost"
    if written["check"]["function"] != case.function:
        return f"equal, as {written['check']['function']}"
    return "equal"


def _code(arguments: dict[str, Any]) -> str:
    text = json.dumps(arguments, ensure_ascii=False, default=repr)
    return "`" + text.replace("`", "\u0060") + "`"


def _plain(text: str) -> str:
    return text.replace("<", "&lt;").replace(">", "&gt;")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
