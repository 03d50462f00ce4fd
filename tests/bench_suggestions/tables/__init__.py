"""The tables of the bench: those of packages, those that are generated, optional ones."""

from collections.abc import Sequence
from pathlib import Path

from tests.bench_suggestions.table import BenchTable, Fold
from tests.bench_suggestions.tables import for_development, for_judgement, optional, packaged

__all__ = ["tables"]


def tables(folder: Path, folds: Sequence[Fold]) -> list[BenchTable]:
    """Return the tables of these folds; files that they need are kept in `folder`."""
    found = [
        *packaged.tables(folder),
        *for_development.TABLES,
        *for_judgement.TABLES,
        *optional.tables(folder),
    ]
    return [one for one in found if one.fold in folds]
