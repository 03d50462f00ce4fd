"""Have tab-err make errors: `make_errors.py ROWS ERRORS SEED`, in the bench's environment.

ROWS is a pickled frame. ERRORS will be a pickled list of (row, column, kind of error, value).
"""

import importlib
import pickle
import sys
import warnings
from pathlib import Path
from typing import Any

import pandas as pd

_KINDS = (
    *("AddDelta", "CategorySwap", "Extraneous", "MissingValue", "Mojibake", "Outlier"),
    *("Permutate", "Replace", "Typo", "WrongUnit"),
)
Made = tuple[int, str, str, Any]
_RATE = 0.25
_FEW_VALUES = 20


def main(rows: Path, errors: Path, seed: int) -> None:
    frame = pd.read_pickle(rows)  # noqa: S301
    found: list[Made] = []
    for number, name in enumerate(frame.columns):
        # Of one seed each column would have its errors in the same rows.
        found += _errors(frame[[name]].dropna(), seed + number * len(_KINDS))
    errors.write_bytes(pickle.dumps(found))


def _errors(column: pd.DataFrame, seed: int) -> list[Made]:
    """Return errors of each kind that applies to a column without nulls."""
    kinds = importlib.import_module("tab_err.error_type")
    mechanism = importlib.import_module("tab_err.error_mechanism").ECAR
    create_errors = importlib.import_module("tab_err.api.low_level").create_errors
    (name,) = column.columns
    found: list[Made] = []
    for number, kind in enumerate(_KINDS):
        rows = column
        if kind == "CategorySwap" and column[name].nunique() <= _FEW_VALUES:
            rows = column.astype("category")
        error_type = getattr(kinds, kind)(seed=seed + number)
        if rows.empty or name not in error_type.get_valid_columns(rows):
            continue
        try:
            wrong, mask = create_errors(
                rows, name, _RATE, mechanism(seed=seed + number), error_type
            )
        except (ArithmeticError, LookupError, TypeError, ValueError):
            # Not every kind is made for every column that it names, such as texts of one word.
            continue
        flagged = wrong[name][mask[name]].astype(object)
        found += [(int(row), str(name), kind, value) for row, value in flagged.items()]
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
