"""Draws a table's rows: fetched, both kinds in one read if that can be, or left in Spark."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from worker.counting.spark.drawn_again import MARK, column_of
from worker.sampling import random_rows
from worker.sampling.fetch_rows import fetch
from worker.sampling.random_rows import NUMBER, OF_ROWS, PLACE, Mark, Others
from worker.sampling.sample_facts import SampleFacts, Sampling
from worker.spark.error_conditions import column_reason
from worker.spark.keep_rows import Kept, keep
from worker.spark.session_kind import SessionKind

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

__all__ = ["Drawn", "Outgrown", "fetch_drawn", "leave_in_spark"]

_PARTS = 4
"""A part of a table this large may be read by a single task."""
_Fetch = Callable[["DataFrame"], "pa.Table | None"]
_NUMBER = 8
"""Bytes of a number that rows are fetched with, beside their values."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Rows that are looked at, and those that are held out."""

    facts: SampleFacts
    frame: "DataFrame"
    rows: "pa.Table | None" = None
    others: Others | None = None
    kept: Kept | None = None


class Outgrown(Exception):
    """A table that was to be read whole has become larger than the limit since it was counted."""

    def __init__(self, of_rows: int) -> None:
        super().__init__(of_rows)
        self.of_rows = of_rows


def fetch_drawn(
    kind: SessionKind,
    frame: "DataFrame",
    facts: SampleFacts,
    most_bytes: int,
    *,
    known: bool,
    odd: Sequence[str] = (),
) -> Drawn | None:
    """Fetch the rows; None if they are too many, or together larger than `most_bytes`.

    `known` says that the table's rows need not be counted in the same read. Columns that are `odd`
    stay in Spark, and so may the others then. Raises `Outgrown`.
    """
    if facts.whole:
        fetched = _fetch_whole(frame.drop(*odd), facts, most_bytes, known=known)
        return fetched and replace(fetched, frame=_whole(frame, facts))
    if facts.limit is None:
        return None
    if odd:
        fetch_others = partial(_fetch_without, odd, min(facts.limit, facts.of_rows), most_bytes)
        try:
            return leave_in_spark(kind, frame, facts, fetch_others)
        except Exception as error:
            if column_reason(error) is None:
                raise
            # What can't be kept may be an odd column alone: the others are read without it.
            return leave_in_spark(kind, frame, facts, fetch_others, may_keep=False)
    if facts.sampling is Sampling.STOCK:
        return _fetch_stock(frame, facts, facts.limit, most_bytes, known=known)
    return _fetch_both(frame, facts, facts.limit, most_bytes, known=known)


def _fetch_whole(
    frame: "DataFrame", facts: SampleFacts, most_bytes: int, *, known: bool
) -> Drawn | None:
    """Fetch all rows in the order of a limit, or one more than it allows."""
    limit = facts.limit
    if known or limit is None:
        # For a limit Spark would shuffle them.
        fetched = fetch(frame, facts.of_rows, most_bytes, as_many=True)
    else:
        fetched = fetch(frame.limit(limit + 1), facts.of_rows, most_bytes)
    if limit is not None and fetched.drawn is not None and fetched.drawn > limit:
        raise Outgrown(max(frame.count(), fetched.drawn))
    if fetched.rows is None:
        return None
    rows = fetched.rows.num_rows
    return Drawn(replace(facts, rows=rows, of_rows=rows), frame, fetched.rows)


def _whole(frame: "DataFrame", facts: SampleFacts) -> "DataFrame":
    return frame if facts.limit is None else frame.limit(facts.limit)


def _fetch_both(
    frame: "DataFrame", facts: SampleFacts, limit: int, most_bytes: int, *, known: bool
) -> Drawn | None:
    """Fetch random rows and others in one read, which also counts the table's if need be."""
    import pyarrow.compute as pc

    pool = random_rows.pool_of(frame, facts)
    numbered = pool if known else random_rows.counted_in_the_same_read(pool, frame)
    # Unless the table has grown, all of them.
    most = random_rows.most_drawn(facts)
    most_rows = min(most, facts.of_rows)
    most_bytes = 2 * most_bytes + 2 * _NUMBER * most_rows
    drawn = fetch(numbered.limit(most), most_rows, most_bytes).rows
    if drawn is None:
        return None
    of_rows = _rows_in_the_read(drawn, facts, known=known)
    below = pc.less(drawn[NUMBER], facts.fraction)
    values = drawn.select(frame.columns)
    rows, others = values.filter(below).slice(0, limit), values.filter(pc.invert(below))
    cut = others.num_rows > limit or drawn.num_rows >= most
    held_out = Others(others.slice(0, limit), cut=cut) if rows.num_rows else None
    facts = replace(facts, rows=rows.num_rows, of_rows=of_rows)
    return Drawn(facts, random_rows.looked_at(pool, facts), rows, held_out)


def _fetch_stock(
    frame: "DataFrame", facts: SampleFacts, limit: int, most_bytes: int, *, known: bool
) -> Drawn | None:
    """Fetch the rows that stock DQX draws; others are drawn beside them if checks are tried."""
    most_rows = min(limit, facts.of_rows)
    chosen = random_rows.stock_draw(random_rows.marked(frame), facts)
    if not known:
        chosen = random_rows.counted_in_the_same_read(chosen, frame)
    # Of each partition Spark would draw as many, and leave all but those of the first ones.
    first = _PARTS * most_rows <= (facts.fraction or 0) * facts.of_rows
    fetched = fetch(
        chosen.coalesce(1).limit(most_rows) if first else chosen.limit(limit),
        most_rows,
        most_bytes + (2 if known else 3) * _NUMBER * most_rows,
        as_many=first and known,
    )
    drawn = fetched.rows
    if drawn is None:
        return None
    rows = drawn.select(frame.columns)
    of_rows = _rows_in_the_read(drawn, facts, known=known)
    facts = replace(facts, rows=rows.num_rows, of_rows=of_rows)
    undrawn = random_rows.stock_draw(frame, facts).limit(limit)
    if not rows.num_rows:
        return Drawn(facts, undrawn, rows)
    others = _beside(frame, facts, _mark_in(drawn), large=fetched.large)
    return Drawn(facts, undrawn, rows, others)


def _rows_in_the_read(drawn: "pa.Table", facts: SampleFacts, *, known: bool) -> int:
    """Return how many rows the table had in the read that drew these."""
    if known or not drawn.num_rows:
        return facts.of_rows
    of_rows: int = drawn[OF_ROWS][0].as_py()
    return of_rows


def _fetch_without(
    odd: Sequence[str], most_rows: int, most_bytes: int, drawn: "DataFrame"
) -> "pa.Table | None":
    """Fetch drawn rows with their places and marks, without columns that are `odd`."""
    return fetch(drawn.drop(*odd), most_rows, most_bytes + 2 * _NUMBER * most_rows).rows


def _fetch_none(_: "DataFrame") -> "pa.Table | None":
    return None


def leave_in_spark(
    kind: SessionKind,
    frame: "DataFrame",
    facts: SampleFacts,
    fetch_some: _Fetch = _fetch_none,
    *,
    may_keep: bool = True,
) -> Drawn:
    """Draw the rows where they are, and have Spark keep them if it can: they are read often.

    Of rows that are not the whole table, `fetch_some` may fetch some columns.
    """
    if facts.whole:
        drawn = _whole(frame, facts)
    elif facts.sampling is Sampling.STOCK:
        chosen = random_rows.stock_draw(random_rows.marked(frame), facts)
        drawn = chosen if facts.limit is None else chosen.limit(facts.limit)
    else:
        drawn = random_rows.pool_of(random_rows.marked(frame), facts)
    # A whole table may be larger than the machine.
    kept = keep(kind, drawn) if may_keep and facts.limit is not None else None
    try:
        return _left(frame, drawn if kept is None else kept.frame, facts, kept, fetch_some)
    except BaseException:
        if kept is not None:
            kept.release()
        raise


def _left(
    frame: "DataFrame",
    drawn: "DataFrame",
    facts: SampleFacts,
    kept: Kept | None,
    fetch_some: _Fetch,
) -> Drawn:
    if facts.whole:
        rows = facts.of_rows if kept is None else drawn.count()
        return Drawn(replace(facts, rows=rows, of_rows=rows), drawn, kept=kept)
    pool, both = drawn, facts.sampling is Sampling.REPRESENTATIVE
    if both:
        drawn = random_rows.looked_at(pool, facts)
    fetched = fetch_some(drawn)
    # Unless they are kept, those that were fetched are the sample.
    mark = _mark_of(drawn) if fetched is None else _mark_in(fetched)
    facts = replace(facts, rows=mark.rows)
    if not mark.rows:
        others = None
    elif both and kept is not None:
        others = Others(frame=random_rows.others_of(pool, facts).drop(PLACE, MARK))
    else:
        others = _beside(frame, facts, mark)
    values = None if fetched is None else fetched.drop_columns([PLACE, MARK])
    return Drawn(facts, drawn.drop(PLACE, MARK), values, others, kept)


def _mark_of(drawn: "DataFrame") -> Mark:
    from pyspark.sql import functions

    place, mark = column_of(PLACE), column_of(MARK)
    counted = functions.count(functions.lit(1))
    (found,) = drawn.agg(counted, functions.max(place), functions.bit_xor(mark)).collect()
    return Mark(found[0], found[1] or 0, found[2] or 0)


def _mark_in(rows: "pa.Table") -> Mark:
    import numpy as np
    import pyarrow.compute as pc

    last, marks = pc.max(rows[PLACE]).as_py(), rows[MARK].to_numpy()
    return Mark(rows.num_rows, last or 0, int(np.bitwise_xor.reduce(marks)))


def _beside(
    frame: "DataFrame", facts: SampleFacts, mark: Mark, *, large: bool = False
) -> Others | None:
    rows = random_rows.beside(frame, facts, mark)
    return None if rows is None else Others(frame=rows, mark=mark, large=large)
