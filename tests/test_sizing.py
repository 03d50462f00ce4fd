"""The sizes of docs/operating.md follow from figures that were measured."""

import math
import re
from pathlib import Path

import pytest

from worker.database.options import DatabaseOptions
from worker.spark.options import SparkSettings

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "operating.md").read_text("utf-8")
_SHARE_OF_BUSIEST_HOUR = 1 / 4
_LOAD = 0.7
_EACH_GB = 3


def figure(page: str, pattern: str) -> float:
    """Return a number of a page of figures."""
    match = re.search(pattern, (DOCS / "figures" / page).read_text("utf-8"))
    assert match, f"{page} has no {pattern}"
    return float(match[1].replace(",", ""))


def seconds_of_a_run() -> float:
    """Return the median, rounded up as the page has it."""
    return math.ceil(10 * figure("worker.md", r"end of a run.*?median (\S+) s")) / 10


ROWS = re.findall(
    r"^\| ([\d,]+) \| ([\d,]+) \| ([\d.]+) \| (\d+) \| (\d+) GB \| (\d+) \|", PAGE, re.MULTILINE
)


def test_there_is_a_row_for_a_small_a_usual_and_a_large_installation() -> None:
    assert [row[0] for row in ROWS] == ["10", "1,000", "100,000"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_the_number_of_workers_follows_from_the_seconds_of_a_run(row: tuple[str, ...]) -> None:
    requests, busiest, needed, workers, memory, connections = (
        float(one.replace(",", "")) for one in row
    )
    assert busiest == math.ceil(requests * _SHARE_OF_BUSIEST_HOUR)
    computed = busiest * seconds_of_a_run() / 3600 / _LOAD
    assert needed == pytest.approx(computed, rel=0.5 if computed < 0.01 else 0.02)
    assert workers >= math.ceil(needed)
    assert memory == workers * _EACH_GB
    assert connections == workers * (DatabaseOptions.pool_size + 1)


def test_the_page_names_the_seconds_and_the_connections_that_were_measured() -> None:
    assert f"in {seconds_of_a_run():g} s" in PAGE
    rest, most = (
        figure("queue.md", rf"connections of a worker.*\| {pattern} ")
        for pattern in (r"(\d+) / at most \d+", r"\d+ / at most (\d+)")
    )
    assert f"has {rest:g} connections at rest, and {most:g} while it is busy" in PAGE


def test_the_parts_of_the_memory_are_what_a_worker_gets() -> None:
    section = PAGE.partition("**Memory.**")[2].partition("**Processors.**")[0]
    parts = [float(one) for one in re.findall(r"\| (\d\.\d) GB \|", section)]
    assert 0.9 * _EACH_GB < sum(parts) <= _EACH_GB
    assert SparkSettings.spark_memory == "2g"
    python = figure("worker.md", r"4 tables of .* 100 columns .* dqx-worker (\d+)")
    assert parts[-1] == round(python / 1000, 1)
