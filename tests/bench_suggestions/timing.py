"""What a contender costs on a table of 100 columns and 5,000 rows."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from tests.bench_suggestions.contenders import Contender
from tests.bench_suggestions.place import Past, Place
from tests.bench_suggestions.table import BenchTable, Fold, Kind
from tests.bench_suggestions.tables.rows import made

__all__ = ["time_contenders"]

_ROWS = 5_000
_OF_EACH = 20
_RUNS = 5


def time_contenders(place: Place, contenders: Sequence[Contender]) -> str:
    """Return the seconds of the best of five runs as a table of Markdown."""
    rows = made(_wide())
    table = BenchTable(
        "wide", Fold.DEVELOPMENT, lambda: rows, dict.fromkeys(rows.column_names, Kind.MEASURE)
    )
    lines = ["| | profile | beyond it | share |", "|---|---|---|---|"]
    for contender in contenders:
        offers = [contender.suggest(place, Past(table, rows, seed=1)) for _ in range(_RUNS)]
        profile = min(one.profile_seconds for one in offers)
        beyond = min(one.beyond_seconds for one in offers)
        lines.append(
            f"| {contender.name} | {profile:.2f} s | {beyond:.2f} s | {beyond / profile:.2f} |"
        )
    return "\n".join(lines)


def _wide() -> dict[str, list[Any]]:
    rng = np.random.default_rng(3)
    columns: dict[str, list[Any]] = {}
    for at in range(_OF_EACH):
        columns |= {
            f"key_{at}": rng.permutation(_ROWS).tolist(),
            f"measure_{at}": rng.lognormal(3, 1, _ROWS).tolist(),
            f"category_{at}": rng.choice([f"C{one}" for one in range(3 + at)], _ROWS).tolist(),
            f"text_{at}": [f"words {one}" for one in rng.integers(0, 4_000, _ROWS)],
            f"day_{at}": [
                date(2020, 1, 1) + timedelta(days=int(one)) for one in rng.integers(0, 900, _ROWS)
            ],
        }
    return columns
