"""Tries checks on the rows that they were made of, and on others that nobody has looked at.

At most one further action of Spark: the others are fetched, or both are counted where they are. One
more for columns that stock DQX counted.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress
from operator import not_
from typing import TYPE_CHECKING, cast

from worker.profiling.counting.passing import COUNTED, passing
from worker.profiling.counting.rows import leaf
from worker.profiling.fetch import fetch
from worker.profiling.profile import Evidence, Passed, Trial
from worker.profiling.sample import Sample, draw_others

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame
    from pyspark.sql.types import DataType, StructType

__all__ = ["try_out"]


def try_out(sample: Sample, trials: Sequence[Trial], most_bytes: int) -> list[Evidence]:
    """Return the evidence for each check; `most_bytes` may be held. Blocks. Raises Spark's errors.

    Checks of functions that look at more than a row are not tried.
    """
    trials = [sample.names.trial(one) for one in trials]
    # All these rows are of the filter, if there is one.
    trials = [
        replace(one, check=replace(one.check, filter=None))
        if one.check.filter == sample.chosen.filter
        else one
        for one in trials
    ]
    others = draw_others(sample)
    if sample.rows is None:
        return _in_spark(sample, others, trials)
    fields, held = sample.frame.schema, set(sample.rows.column_names)
    # Stock DQX has counted the other columns in Spark.
    are_here = [_path(one.column, fields)[0] in held for one in trials]
    of_rows = list(compress(trials, are_here))
    of_spark = list(compress(trials, map(not_, are_here)))
    here = iter(_here(sample, sample.rows, others, of_rows, most_bytes))
    there = iter(_in_spark(sample, others, of_spark))
    return [next(here if is_here else there) for is_here in are_here]


def _here(
    sample: Sample,
    rows: "pa.Table",
    others: "DataFrame | None",
    trials: Sequence[Trial],
    most_bytes: int,
) -> list[Evidence]:
    """Return the evidence in the sample's rows, and in others that are fetched."""
    known = [trial for trial in trials if trial.check.function in COUNTED]
    if not known:
        return [Evidence() for _ in trials]
    fetched = None if others is None else _fetched(others, sample, known, most_bytes)
    cut = fetched is not None and fetched.num_rows >= sample.facts.rows
    fields = sample.frame.schema
    return [
        Evidence(
            _passed(rows, fields, trial),
            None if fetched is None else _passed(fetched, fields, trial),
            cut,
        )
        for trial in trials
    ]


def _fetched(
    others: "DataFrame", sample: Sample, trials: Sequence[Trial], most_bytes: int
) -> "pa.Table | None":
    """Fetch the columns that are checked; None where some rows are too large for one action."""
    columns = dict.fromkeys(_path(trial.column, sample.frame.schema)[0] for trial in trials)
    frame = others.select(*("`" + name.replace("`", "``") + "`" for name in columns))
    return fetch(frame, sample.facts.rows, most_bytes, in_one_action=True).rows


def _passed(rows: "pa.Table", fields: "StructType", trial: Trial) -> Passed | None:
    if trial.check.function not in COUNTED:
        return None
    path = _path(trial.column, fields)
    found = passing(leaf(rows, path), _kind(path, fields), trial.check)
    return None if found is None else Passed(rows.num_rows, found)


def _path(column: str, fields: "StructType") -> list[str]:
    return [column] if column in fields.names else column.split(".")


def _kind(path: Sequence[str], fields: "StructType") -> "DataType":
    first, *others = path
    kind: DataType = fields[first].dataType
    for name in others:
        kind = cast("StructType", kind)[name].dataType
    return kind


def _in_spark(
    sample: Sample, others: "DataFrame | None", trials: Sequence[Trial]
) -> list[Evidence]:
    from worker.profiling.counting.spark_passing import count_passing

    known = [number for number, one in enumerate(trials) if one.check.function in COUNTED]
    if not known:
        return [Evidence() for _ in trials]
    looked_at, other = count_passing(
        sample.frame, others, [trials[number].check for number in known]
    )
    found = [Evidence() for _ in trials]
    for place, number in enumerate(known):
        beside = None if other is None else other[place]
        cut = beside is not None and beside.rows >= sample.facts.rows
        found[number] = Evidence(looked_at[place], beside, cut)
    return found
