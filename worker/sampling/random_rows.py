"""Draws rows at random: some to look at, and others that are held out to try checks on.

Every row of a table gets a random number. Below the sample's share it is looked at, and of the
rest those below a second bound are held out. The numbers belong to the places of rows, which a
source may give in another order each time that it is read. So both kinds are taken in one read, or
kept, or the sample is drawn once more beside the others and compared by its mark.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.counting.spark.drawn_again import AGAIN, MARK, column_of
from worker.sampling.options import SamplingOptions
from worker.sampling.sample_facts import SampleFacts, Sampling
from worker.sampling.verified_versions import unverified_columns

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import Column, DataFrame
    from pyspark.sql.types import StructField

__all__ = [
    "NUMBER",
    "OF_ROWS",
    "PLACE",
    "Mark",
    "Others",
    "beside",
    "counted_in_the_same_read",
    "facts_of",
    "looked_at",
    "marked",
    "most_drawn",
    "most_held_out",
    "numbered",
    "others_of",
    "pool_of",
    "spread",
    "stock_draw",
]

# A dot makes these the names of no columns that are profiled.
NUMBER, OF_ROWS = "random. number", "rows. of the table"
PLACE = "place. of the row"

_FEW = 64
"""Rows. Where fewer are asked for, room for chance would leave none."""


@dataclass(frozen=True, slots=True)
class Mark:
    """By what a sample is known when it is drawn once more."""

    rows: int
    last: int
    """The place in the source of the last row."""
    mark: int
    """Of all rows with their places."""


@dataclass(frozen=True, slots=True)
class Others:
    """The rows that are held out: fetched with the sample, or still to be drawn."""

    rows: "pa.Table | None" = None
    cut: bool = False
    """Whether more were drawn, and the last ones left out."""
    frame: "DataFrame | None" = None
    """These rows, undrawn; if the sample has a mark, the sample's rows are flagged among them."""
    mark: Mark | None = None
    """The sample's; None if what is drawn is kept, and can't change."""
    changed: bool = False
    """Whether the sample's rows, drawn once more, were not the same: there are no others then."""
    large: bool = False
    """Whether some are probably too large to be fetched in one action, as some of the sample's."""


def facts_of(of_rows: int, options: SamplingOptions, *, of_all: bool) -> SampleFacts:
    """Return how rows are drawn, before they are; `of_all` if a small table is read whole."""
    limit, fraction = options.sample_limit, options.sample_fraction
    if (limit is None or of_rows <= limit) and (of_all or fraction == 1):
        return SampleFacts(of_rows, of_rows, Sampling.WHOLE, None, limit, None)
    if limit is not None and options.sampling is Sampling.REPRESENTATIVE:
        fraction = spread(limit, of_rows) if limit >= _FEW else _enough(limit, of_rows)
    return SampleFacts(0, of_rows, options.sampling, fraction, limit, options.sample_seed)


def numbered(frame: "DataFrame", facts: SampleFacts) -> "DataFrame":
    """Return the frame with the random number of each row.

    `sample` takes the rows whose number of just this row of numbers is below its fraction
    (Spark 4, BernoulliCellSampler and Rand).
    """
    from pyspark.sql import functions

    return frame.withColumn(NUMBER, functions.rand(facts.seed))


def pool_of(frame: "DataFrame", facts: SampleFacts) -> "DataFrame":
    """Return the rows that are looked at and those that are held out, with their numbers."""
    bound = (facts.fraction or 0) + _share_of_others(facts)
    return numbered(frame, facts).where(column_of(NUMBER) < bound)


def counted_in_the_same_read(pool: "DataFrame", frame: "DataFrame") -> "DataFrame":
    """Return the rows of `pool` with the number of all rows of `frame`, of the same query."""
    from pyspark.sql import functions

    return pool.withColumn(OF_ROWS, frame.agg(functions.count(functions.lit(1))).scalar())


def most_drawn(facts: SampleFacts) -> int:
    """Return how many rows are in a pool at most, unless the table has grown since it was counted.

    Chance is given its room on both sides.
    """
    limit = facts.limit or 0
    return 2 * (limit + _room(limit))


def most_held_out(facts: SampleFacts) -> int:
    """Return how many rows are held out at most, but for hardly any table."""
    representative = facts.sampling is Sampling.REPRESENTATIVE
    return facts.limit if representative and facts.limit else facts.rows


def looked_at(pool: "DataFrame", facts: SampleFacts) -> "DataFrame":
    """Return the rows of a pool that are looked at."""
    chosen = pool.where(column_of(NUMBER) < (facts.fraction or 0)).drop(NUMBER)
    return chosen if facts.limit is None else chosen.limit(facts.limit)


def others_of(pool: "DataFrame", facts: SampleFacts) -> "DataFrame":
    """Return the rows of a pool that are held out."""
    return pool.where(column_of(NUMBER) >= (facts.fraction or 0)).drop(NUMBER)


def stock_draw(frame: "DataFrame", facts: SampleFacts) -> "DataFrame":
    """Return the rows that DQX's own way to draw takes of a table, before the limit."""
    return frame.sample(withReplacement=False, fraction=facts.fraction or 0.0, seed=facts.seed)


def marked(frame: "DataFrame") -> "DataFrame":
    """Return the frame with the place of each row, and a mark of the place and the values."""
    from pyspark.sql import functions

    values = [_hashed(field) for field in frame.schema.fields if not unverified_columns([field])]
    placed = frame.withColumn(PLACE, functions.monotonically_increasing_id())
    return placed.withColumn(MARK, functions.xxhash64(column_of(PLACE), *values))


def beside(frame: "DataFrame", facts: SampleFacts, mark: Mark) -> "DataFrame | None":
    """Return rows that are held out, and the sample's own once more, flagged; all in one read.

    None if no row is left to be held out.
    """
    share = _share_of_others(facts)
    if share <= 0:
        return None
    number, again = column_of(NUMBER), column_of(NUMBER) < (facts.fraction or 0)
    drawn = numbered(marked(frame), facts).where(number < (facts.fraction or 0) + share)
    chosen = drawn.where(~again | (column_of(PLACE) <= mark.last))
    return chosen.withColumn(AGAIN, again).drop(NUMBER, PLACE)


def _hashed(field: "StructField") -> "Column":
    """Return a value that Spark can hash: not every nested one is."""
    from pyspark.sql.types import AtomicType

    column = column_of(field.name)
    return column if isinstance(field.dataType, AtomicType) else column.cast("string")


def _share_of_others(facts: SampleFacts) -> float:
    """Return the share of the table that is held out: as many rows as are looked at, at most."""
    if facts.fraction is None:
        return 0.0
    most = most_held_out(facts)
    return min(spread(most, facts.of_rows), 1 - facts.fraction) if most else 0.0


def _enough(limit: int, of_rows: int) -> float:
    """Return a fraction that almost never draws fewer than `limit` rows; the surplus is cut off.

    It does not draw all of a table that is hardly larger: its first rows would not be random.
    """
    return min((limit + 4 * math.sqrt(limit) + 8) / of_rows, (1 + limit / of_rows) / 2)


def _room(limit: int) -> int:
    """Return by how many rows more than so many are drawn by chance."""
    return math.ceil(4 * math.sqrt(limit)) + 8


def spread(limit: int, of_rows: int) -> float:
    """Return a fraction that almost never draws more than `limit` rows.

    How many are drawn varies by the root of their number; four times that is left as room, so that
    the limit cuts no row off in 99.997 of a hundred tables.
    """
    return max(limit - 4 * math.sqrt(limit), limit / 2) / of_rows
