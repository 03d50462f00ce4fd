"""The rows of a table that this process holds, for whatever looks at values beside DQX.

If the rows were counted here, those are the sample's and, fetched in the action that would
otherwise fetch them for the trials, the held-out ones. If Spark counted them, a random part of the
sample is fetched: one action, and a second one if its rows are large.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from worker.sampling.fetch_rows import fetch
from worker.sampling.held_out import fetch_others
from worker.sampling.random_rows import spread
from worker.sampling.sample import Sample
from worker.sampling.verified_versions import unverified_columns

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["RowsAtHand", "fetch_rows"]

_PARTS = (5_000, 500)
"""Numbers of rows that are fetched of a sample in Spark; the second if the first are too large."""


@dataclass(frozen=True, slots=True)
class RowsAtHand:
    """A sample, and the rows that are here."""

    sample: Sample
    rows: "pa.Table | None"
    """Of the sample; None if they are too large."""
    others: "pa.Table | None" = None
    """That were held out; None if there are none, or if they are in Spark."""

    @classmethod
    def of(cls, sample: Sample) -> "RowsAtHand":
        """Return what is here already."""
        return cls(sample, sample.rows, None if sample.others is None else sample.others.rows)

    def columns(self) -> "Iterator[tuple[str, pa.Array]]":
        """Yield each column, and each field of a struct, by its path in the table, with its values.

        Those of the sample come first. A column with text that is not UTF-8 is left out.
        """
        import pyarrow as pa

        # Imports DQX.
        from worker.counting.arrow.count_table import leaf, paths_of

        if self.rows is None:
            return
        parts = [one for one in (self.rows, self.others) if one is not None]
        names, fields = self.sample.names, self.sample.frame.schema
        for name in self.rows.column_names:
            try:
                for part in parts:
                    part.column(name).validate(full=True)
            except pa.ArrowInvalid:
                continue
            for path in paths_of(fields[name]):
                values = [leaf(part, path) for part in parts]
                yield names.in_table(".".join(path)), pa.concat_arrays(values)


def fetch_rows(sample: Sample, most_bytes: int) -> RowsAtHand:
    """Return rows of a sample; `most_bytes` may be held. Blocks. Raises Spark's errors.

    The sample that is returned has the held-out rows, so trying checks on them takes no action.
    """
    if sample.rows is None:
        return RowsAtHand(sample, _random_part(sample, most_bytes))
    others = sample.others
    if others is None or others.rows is not None or sample.kept is not None:
        return RowsAtHand.of(sample)
    found = fetch_others(others, sample, sample.rows.column_names, most_bytes)
    # What did not fit is counted in Spark, rather than fetched in vain once more.
    found = replace(others, large=True) if found is None else found
    return RowsAtHand.of(replace(sample, others=found))


def _random_part(sample: Sample, most_bytes: int) -> "pa.Table | None":
    """Fetch random rows of a sample that is in Spark, without columns that Arrow may not know."""
    frame = sample.frame
    frame = frame.drop(*unverified_columns(frame.schema.fields))
    rows = sample.facts.rows
    for most in _PARTS:
        drawn = frame
        if rows > most:
            drawn = frame.sample(fraction=spread(most, rows), seed=sample.facts.seed or 0)
        fetched = fetch(drawn.limit(most), min(most, rows), most_bytes, in_one_action=True)
        if fetched.rows is not None or rows <= _PARTS[-1]:
            return fetched.rows
    return None
