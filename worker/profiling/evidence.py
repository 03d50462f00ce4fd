"""Tries checks on the rows that they were made of, and on others that were held out.

No further action of Spark if both are at hand; else one, which fetches the others or counts both
where they are, and a second one if some of the others are too large to be fetched. One more for
columns that stock DQX counted, unless Spark keeps the rows.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress
from operator import not_
from typing import TYPE_CHECKING, cast

from worker.counting.arrow.count_table import leaf
from worker.counting.arrow.passing_rows import COUNTED, passing
from worker.counting.check import Passed
from worker.profiling.own_names import trial_of_frame
from worker.profiling.results import Evidence, Trial
from worker.sampling.held_out import fetch_others
from worker.sampling.sample import Sample, in_spark

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame
    from pyspark.sql.types import DataType, StructType

__all__ = ["gather_evidence"]


def gather_evidence(sample: Sample, trials: Sequence[Trial], most_bytes: int) -> list[Evidence]:
    """Return the evidence for each check; `most_bytes` may be held. Blocks. Raises Spark's errors.

    Checks of functions that look at more than a row are not tried. On others none is tried if the
    table returns other rows than before, for those may be rows that the checks were made of.
    """
    trials = [trial_of_frame(one, sample.names) for one in trials]
    # All these rows are of the filter, if there is one.
    trials = [
        replace(one, check=replace(one.check, filter=None))
        if one.check.filter == sample.chosen.filter
        else one
        for one in trials
    ]
    if not any(trial.check.function in COUNTED for trial in trials):
        return [Evidence() for _ in trials]
    if sample.rows is None or sample.kept is not None:
        return _in_spark(sample, sample.frame, trials)
    fields, held = sample.frame.schema, set(sample.rows.column_names)
    # Stock DQX has counted the other columns in Spark.
    are_here = [_path(one.column, fields)[0] in held for one in trials]
    of_rows = list(compress(trials, are_here))
    of_spark = list(compress(trials, map(not_, are_here)))
    here = iter(_here(sample, sample.rows, of_rows, most_bytes))
    there = iter(_in_spark(sample, sample.frame, of_spark))
    return [next(here if is_here else there) for is_here in are_here]


def _here(
    sample: Sample, rows: "pa.Table", trials: Sequence[Trial], most_bytes: int
) -> list[Evidence]:
    """Return the evidence in the sample's rows, and in others that are here or are fetched."""
    known = [trial for trial in trials if trial.check.function in COUNTED]
    if not known:
        return [Evidence() for _ in trials]
    others = sample.others
    if others is not None and others.rows is None and not others.changed:
        columns = dict.fromkeys(_path(one.column, sample.frame.schema)[0] for one in known)
        others = fetch_others(others, sample, columns, most_bytes)
        if others is None:
            return _in_spark(sample, in_spark(sample), trials)
    fields = sample.frame.schema
    beside = None if others is None else others.rows
    return [
        Evidence(
            _passed(rows, fields, trial),
            None if beside is None else _passed(beside, fields, trial),
            others_cut=others is not None and others.cut,
            changed=others is not None and beside is None,
        )
        for trial in trials
    ]


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


def _others_with(columns: Sequence[str], sample: Sample) -> "DataFrame | None":
    """Return the undrawn others without columns of the table that these are not among."""
    if sample.others is None or sample.others.frame is None:
        return None
    return sample.others.frame.drop(*(set(sample.frame.columns) - set(columns)))


def _in_spark(sample: Sample, looked_at: "DataFrame", trials: Sequence[Trial]) -> list[Evidence]:
    from worker.counting.spark.passing_rows import count_passing

    known = [number for number, one in enumerate(trials) if one.check.function in COUNTED]
    if not known:
        return [Evidence() for _ in trials]
    others = _others_with(looked_at.columns, sample)
    checks = [trials[number].check for number in known]
    tried = count_passing(looked_at, others, checks)
    mark = None if sample.others is None else sample.others.mark
    changed = mark is not None and tried.again != (mark.rows, mark.mark)
    # Rows that are neither kept nor held here were drawn again, and are others, too.
    lost = changed and looked_at is sample.frame and sample.kept is None
    found = [Evidence() for _ in trials]
    for place, number in enumerate(known):
        found[number] = Evidence(
            None if lost else tried.looked_at[place],
            None if others is None or changed else tried.others[place],
            changed=changed,
        )
    return found
