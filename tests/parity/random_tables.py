"""Tables and options that hypothesis makes up: few columns and rows, of every type."""

import datetime as dt
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

__all__ = ["TABLES", "Example"]

Column = tuple[pa.DataType, list[Any]]

_WORDS = "NaN -inf Infinity 1 01 -1 1.5 1e3 2d 0x1p2 1_0 \u0661 1e400 -0 0 a A \u00e9 \U0001f600"
_BLANK = ("", " ", "  ", "\t", "\u00a0", "a ", " a", "a\u00a0", "1 ", "x" * 50)
_TEXTS = (*_WORDS.split(" "), *_BLANK)
_NAMES = ("a", "b c", "d'e", "count", "mean", "f AS g", "min_value", "\u00e9", "count(1)", "Z")


@dataclass(frozen=True, slots=True)
class Example:
    """A table and the profiler's options."""

    rows: pa.Table
    options: dict[str, Any]


def _integers(bits: int) -> st.SearchStrategy[int]:
    edge = 2 ** (bits - 1)
    return st.integers(-3, 3) | st.integers(-edge, edge - 1)


@st.composite
def _decimals(draw: st.DrawFn) -> tuple[pa.DataType, st.SearchStrategy[Any]]:
    precision = draw(st.integers(1, 38))
    scale = draw(st.integers(0, precision))
    # Leave the mean room, or stock DQX raises: decimals that are larger have a test of their own.
    most = 10 ** min(precision, 34 - min(scale, 4)) - 1
    unscaled = st.integers(-3, 3) | st.integers(-most, most)
    # With Python's own context they would be rounded to 28 digits.
    values = unscaled.map(lambda one: Decimal(one).scaleb(-scale, _DIGITS))
    return pa.decimal128(precision, scale), values


_DIGITS = Context(prec=38)
_FLOATS = st.floats(width=32) | st.sampled_from([0.0, -0.0, 0.5, 1.0, 1e7, 2e-3])
_DOUBLES = st.floats() | st.sampled_from([0.0, -0.0, 0.1, 1.0, 1e23, 2e-3])
_DATES = st.dates() | st.dates(dt.date(2020, 1, 1), dt.date(2020, 1, 9))
_NEAR = dt.datetime(2020, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)
_MOMENTS = st.datetimes() | st.datetimes(_NEAR, _NEAR + dt.timedelta(seconds=1))
_TEXT = st.sampled_from(_TEXTS) | st.text(max_size=5)

_SCALARS: st.SearchStrategy[tuple[pa.DataType, st.SearchStrategy[Any]]] = st.one_of(
    st.sampled_from(
        [
            (pa.int8(), _integers(8)),
            (pa.int16(), _integers(16)),
            (pa.int32(), _integers(32)),
            (pa.int64(), _integers(64)),
            (pa.float32(), _FLOATS),
            (pa.float64(), _DOUBLES),
            (pa.string(), _TEXT),
            (pa.bool_(), st.booleans()),
            (pa.date32(), _DATES),
            (pa.timestamp("us"), _MOMENTS),
            (pa.timestamp("us", tz="UTC"), _MOMENTS.map(lambda one: one.replace(tzinfo=dt.UTC))),
            (pa.binary(), st.binary(max_size=2)),
        ]
    ),
    _decimals(),
)


@st.composite
def _lists(draw: st.DrawFn, inner: Any) -> tuple[pa.DataType, st.SearchStrategy[Any]]:
    kind, values = draw(inner)
    return pa.list_(kind), st.lists(st.none() | values, max_size=2)


@st.composite
def _structs(draw: st.DrawFn, inner: Any) -> tuple[pa.DataType, st.SearchStrategy[Any]]:
    fields = draw(st.lists(inner, min_size=1, max_size=3))
    names = "pqr"[: len(fields)]
    kind = pa.struct([(name, one) for name, (one, _) in zip(names, fields, strict=True)])
    return kind, st.fixed_dictionaries(
        {name: st.none() | values for name, (_, values) in zip(names, fields, strict=True)}
    )


@st.composite
def _maps(draw: st.DrawFn, inner: Any) -> tuple[pa.DataType, st.SearchStrategy[Any]]:
    key, keys = draw(st.sampled_from([(pa.string(), _TEXT), (pa.int32(), _integers(32))]))
    kind, values = draw(inner)
    return pa.map_(key, kind), st.dictionaries(keys, st.none() | values, max_size=3).map(
        lambda pairs: list(pairs.items())
    )


_KINDS = st.recursive(
    _SCALARS, lambda inner: _lists(inner) | _structs(inner) | _maps(inner), max_leaves=4
)


@st.composite
def _columns(draw: st.DrawFn, rows: int) -> Column:
    kind, values = draw(_SCALARS | _SCALARS | _KINDS)
    pool = draw(st.lists(values, min_size=1, max_size=draw(st.integers(1, 12))))
    if draw(st.booleans()):
        pool.append(None)
    # A column of few values that come again, as many are.
    return kind, draw(st.lists(st.sampled_from(pool), min_size=rows, max_size=rows))


_RATIOS = st.sampled_from([0.0, 0.01, 0.05, 0.3, 0.5, 1.0])


@st.composite
def _options(draw: st.DrawFn, names: list[str]) -> dict[str, Any]:
    columns = st.lists(st.sampled_from(names), max_size=2)
    listed = draw(
        st.sampled_from(["has_no_outliers_allow_columns", "has_no_outliers_deny_columns"])
    )
    return draw(
        st.fixed_dictionaries(
            {},
            optional={
                "round": st.booleans(),
                "max_in_count": st.integers(0, 20),
                "distinct_ratio": st.sampled_from([0.05, 0.5, 1.0, 1.1]),
                "max_null_ratio": _RATIOS,
                "max_empty_ratio": _RATIOS,
                "remove_outliers": st.booleans(),
                "outlier_columns": columns,
                "num_sigmas": st.sampled_from([0, 1, 2, 0.5, 3.0, 10]),
                "trim_strings": st.booleans(),
                "has_no_outliers": st.booleans(),
                "outliers_ratio": _RATIOS,
                "profile_geospatial": st.booleans(),
                "limit": st.sampled_from([None, 1, 5]),
                listed: columns,
            },
        )
    )


@st.composite
def _examples(draw: st.DrawFn) -> Example:
    rows = draw(st.sampled_from([0, 1, 2, 3, 7, 20]))
    names = draw(st.lists(st.sampled_from(_NAMES), min_size=1, max_size=4, unique=True))
    columns = {name: draw(_columns(rows)) for name in names}
    table = pa.table({name: pa.array(values, kind) for name, (kind, values) in columns.items()})
    return Example(table, draw(_options(names)))


TABLES = _examples()
