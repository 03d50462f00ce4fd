"""`python -m tests.csv_readers`: prints docs/figures/csv-readers.md."""

import math
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.csv_readers.corpus import CASES, Case
from tests.csv_readers.readers import Columns, Reader, readers
from tests.profiling.conftest import options
from worker.spark.engines.local import LocalEngine
from worker.telemetry.logs import LogFormat, LogLevel, configure_logs

_HEAD = """# How CSV files are read

`python -m tests.csv_readers` prints this page.

Each row is a file as spreadsheets, databases, pandas and R write it: `tests/csv_readers/corpus.py`.
"yes" means that a reader returns the values that were written, under the names of the header, or
that it refuses a file whose meaning is lost. Each reader has the options that its documentation
recommends for such files, and no option that depends on the file.
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        engine = LocalEngine(options(folder))
        engine.start()
        try:
            print(_page(readers(engine.session), folder))
        finally:
            engine.stop()


def _page(by_name: dict[str, Reader], folder: Path) -> str:
    lines = [_HEAD, "| file | " + " | ".join(by_name) + " |", "|---" * (len(by_name) + 1) + "|"]
    right = dict.fromkeys(by_name, 0)
    for number, case in enumerate(CASES):
        path = folder / f"{number}{case.ending}"
        path.write_bytes(case.content)
        cells = []
        for name, read in by_name.items():
            fine = _is_right(read, path, case)
            right[name] += fine
            cells.append("yes" if fine else "no")
        lines.append(f"| {case.name} | " + " | ".join(cells) + " |")
    total = " | ".join(f"{one} of {len(CASES)}" for one in right.values())
    return "\n".join([*lines, f"| **all** | {total} |"])


def _is_right(read: Reader, path: Path, case: Case) -> bool:
    try:
        found: Columns = read(path)
    # Each reader has errors of its own.
    except Exception:  # noqa: BLE001
        return case.columns is None
    return case.columns is not None and _plain(found) == _plain(case.columns)


def _plain(columns: Columns) -> str:
    """Return columns as text that differs in what the values are, not in a reader's own types."""
    return repr({name: [_value(one) for one in values] for name, values in columns.items()})


def _value(value: Any) -> Any:
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.timestamp()
    return value


if __name__ == "__main__":
    # As the engine's session is.
    os.environ["TZ"] = "UTC"
    time.tzset()
    configure_logs(LogFormat.JSON, level=LogLevel.ERROR)
    main()
