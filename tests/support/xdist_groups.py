"""How the processes of xdist share the tests: a plugin of pytest, for `make test`."""

from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

__all__ = ["pytest_collection_modifyitems", "pytest_xdist_make_scheduler"]

# What shares a Spark runs in one process: by the place of a file, the group that it belongs to.
_GROUPS = {
    "profiling": "own spark",
    "parity": "own spark",
    "process/test_judged_suggestions.py": "spark",
    "process/test_main_job.py": "spark",
    "process/test_odd_tables.py": "spark",
    "process/test_read_back.py": "spark",
    "process/test_suggestions_that_survive.py": "spark",
    "process/test_wrong_tables.py": "spark",
}

# The folders whose files take longest, the longest first.
_SLOW = ("parity", "profiling", "process", "queue", "chaos", "cli")


class _Groups(LoadScopeScheduling):  # type: ignore[misc]
    """Gives a process the tests of a file, for they share fixtures, and those of a group."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0].removeprefix("tests/")
        return _GROUPS.get(file) or _GROUPS.get(file.partition("/")[0]) or file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Groups:
    """Have xdist hand out groups in the order below, not those with the most tests first."""
    config.option.loadscopereorder = False
    return _Groups(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the slow ones: one left for the end would keep one process busy alone."""

    def rank(item: pytest.Item) -> int:
        folder = item.path.relative_to(Path(__file__).parents[1]).parts[0]
        return _SLOW.index(folder) if folder in _SLOW else len(_SLOW)

    if hasattr(config, "workerinput"):
        items.sort(key=rank)
