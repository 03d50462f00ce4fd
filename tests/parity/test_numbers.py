"""The worker's arithmetic beside Spark's own, over many numbers in a query each."""

import random
import struct
from decimal import Context, Decimal

import numpy as np
import pyarrow as pa
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import DecimalType

from tests.parity.long import EXAMPLES, LONG, SEED
from tests.parity.tables import frame_of
from tests.parity.work import watched
from worker.counting.arithmetic import EXACT, means, ranks_of, stddevs
from worker.counting.arrow.numerals import as_double, decimal_mean
from worker.counting.arrow.values import unscaled
from worker.counting.spark.float_texts import float_texts

pytestmark = pytest.mark.usefixtures("cheaper")

TEXTS = max(6_000, 100 * EXAMPLES)

_WORDS = """
nan NaN NAN +NaN -NaN +nan -nan inf +inf -inf INF Infinity -Infinity +Infinity infinity iNfInItY
-INFINITY infinit in NaNf Infinityd true null None
1_000 1,000 1e 1e+ e5 . + - +. +-1 --1 1- 00 -0 +0 -0.0e5 .5d 5.f 1e5f 1e5.5 1.2.3 (1) $1 1% 0b1 0o7
1f 1F 1d 1D 1L 1ff 1fd 0x 0x1 0x1p 0xp1 0x.p1 0x1p3 0X1P3 0x1.8p1f 0x1.p1 0x.8p1D 0x1p1ff 0x1fp1
0x1p99999 -0x1p99999 0x1p-99999 0x0p99999999999 0x1.fffffffffffff8p0 0x1.fffffffffffff7fffp0
1e308 1e309 -1e309 1e-323 1e-324 4.9e-324 2.4703282292062328e-324 2.2250738585072012e-308
1e99999999999 0e99999999999 1e-99999999999 1e0000000000000000001
9007199254740993 9007199254740992.5000000000000000000000001
\u0661 \uff10 \u221e -\u221e \u00bd \u00b2 1\u0308 i\u0307nf \u0130nf \u0131nf \x7f1
"""
_SPELLINGS = (
    *_WORDS.split(),
    *("", " ", "\t", " inf ", "\tinf\n", "naN ", "1 f", "1 2", "\u00a0inf", "1\u00a0", "\u20031"),
    *("1\u3000", "\x001", "1\x00", "\x1f1\x1f", "\u00851", "1\u2028"),
    *("1" * 400, "0." + "0" * 400 + "1", "9" * 1_500 + ".5", "0" * 2_000 + "1", "1." + "3" * 1_500),
)
_LETTERS = "0123456789" * 2 + "..++--eEfFdDxXpPaAnNiI  \t\n\x00\u00a0_,\u0661"


def _texts(seed: int) -> list[str]:
    chance = random.Random(seed)  # noqa: S311
    made = list(_SPELLINGS)
    made += [f"{space}{one}{space}" for one in _SPELLINGS[:90] for space in (" ", "\x01", "\u2003")]
    while len(made) < TEXTS:
        match chance.randrange(4):
            case 0:
                made.append("".join(chance.choices(_LETTERS, k=chance.randint(1, 9))))
            case 1:
                made.append(repr(struct.unpack("<d", chance.randbytes(8))[0]))
            case 2:
                digits = "".join(chance.choices("0123456789.", k=chance.randint(1, 30)))
                made.append(f"{digits}{chance.choice('eE')}{chance.randint(-400, 400)}")
            case _:
                one = list(chance.choice(_SPELLINGS)[:60])
                one.insert(chance.randint(0, len(one)), chance.choice(_LETTERS))
                made.append("".join(one))
    return made


def test_a_text_reads_as_the_number_that_spark_reads(session: SparkSession) -> None:
    texts = _texts(SEED)
    frame = session.createDataFrame(pa.table({"text": pa.array(texts)}))
    spark = frame.select(F.expr("try_cast(text AS DOUBLE)")).toArrow().column(0).to_pylist()
    found = [as_double(text) for text in texts]
    assert [
        (text, one, other)
        for text, one, other in zip(texts, spark, found, strict=True)
        if repr(one) != repr(other)
    ] == []
    assert sum(one is not None for one in found) > 1_000


PERCENTAGES = (0.0, 1e-5, 0.0001, 0.00011, 0.01, 0.25, 0.333, 0.5, 0.75, 0.99, 0.9999, 0.99995, 1.0)


def test_percentiles_are_the_values_that_spark_takes(session: SparkSession) -> None:
    chance = random.Random(SEED)  # noqa: S311
    counts = [*range(1, 60), 4_999, 5_000, 5_001, 9_999, 10_000, 10_001, EXACT - 1]
    counts += chance.sample(range(60, EXACT), 100 if LONG else 6)
    shares = ", ".join(map(str, PERCENTAGES))
    for batch in (counts[start : start + 20] for start in range(0, len(counts), 20)):
        ids = np.concatenate([np.random.default_rng(SEED).permutation(count) for count in batch])
        groups = np.repeat(np.array(batch), batch)
        frame = frame_of(session, pa.table({"count": groups, "value": ids.astype(np.float64)}))
        taken = frame.groupBy("count").agg(F.expr(f"percentile_approx(value, array({shares}))"))
        found = {count: tuple(map(int, values)) for count, values in taken.collect()}
        assert found == {count: ranks_of(PERCENTAGES, count) for count in batch}


def test_ranks_of_more_values_are_exact() -> None:
    assert ranks_of((0.0, 0.25, 0.5, 0.75, 1.0), EXACT) == (0, 12_499, 24_999, 37_499, 49_999)


def test_the_mean_of_decimals_is_sparks(session: SparkSession) -> None:
    """Where it does not fit Spark raises; the worker leaves what may not fit to Spark."""
    chance = random.Random(SEED)  # noqa: S311
    kinds = [
        (1, 0),
        (5, 5),
        (11, 0),
        (11, 11),
        (12, 2),
        (15, 15),
        (28, 14),
        (34, 0),
        (35, 0),
        (38, 0),
    ]
    # The sums of the last ones fit, and not their means.
    kinds += [(38, 10), (38, 34), (38, 37), (38, 38), (36, 0), (36, 0), (36, 20), (36, 20)]
    for _ in range(EXAMPLES):
        precision = chance.randint(1, 38)
        kinds.append((precision, chance.randint(0, precision)))
    arrays = {}
    for number, (precision, scale) in enumerate(kinds):
        most = 10 ** chance.choice([precision, precision, max(1, precision - 5)]) - 1
        length = chance.randint(1, 30)
        values = [_decimal(chance.randint(-most, most), scale) for _ in range(length)]
        filled = [*values, *[None] * (30 - length)]
        arrays[f"{number}: {precision}, {scale}"] = pa.array(
            filled, pa.decimal128(precision, scale)
        )
    frame = frame_of(session, pa.table(arrays))
    averages = [F.expr(f"CAST(try_avg(`{name}`) AS STRING)").alias(name) for name in arrays]
    spark = frame.agg(*averages).collect()[0].asDict()
    found: dict[str, str | None] = {}
    for (name, values), kind in zip(arrays.items(), kinds, strict=True):
        try:
            mean = decimal_mean(unscaled(values.drop_null()), DecimalType(*kind))
        except OverflowError:
            found[name] = None
        else:
            found[name] = format(mean, "f")
    doubtful = {name for name, mean in found.items() if mean is None}
    assert {name: mean for name, mean in spark.items() if name not in doubtful} == {
        name: mean for name, mean in found.items() if mean is not None
    }
    assert {name for name, mean in spark.items() if mean is None} <= doubtful
    assert 0 < len(doubtful) < len(found) / 3


def test_means_and_deviations_are_sparks_to_the_last_bit(session: SparkSession) -> None:
    chance = np.random.default_rng(SEED)
    columns = {
        "normal": chance.normal(1e6, 1e-3, 3_000),
        "wide": chance.lognormal(0, 99, 3_000),
        "signed": chance.standard_cauchy(3_000),
        "one": np.array([0.1]),
        "two": np.array([0.1, 0.2]),
        "same": np.full(1_000, 0.1),
        "huge": np.array([1.7e308, 1.7e308, -1.7e308]),
        "infinite": np.array([np.inf, -np.inf, 1.0]),
        "missing": np.array([np.nan, 1.0]),
        "zeros": np.array([-0.0, -0.0]),
        "none": np.array([]),
    }
    rows = max(map(len, columns.values()))
    table = pa.table(
        {
            name: pa.array([*values.tolist(), *[None] * (rows - len(values))], pa.float64())
            for name, values in columns.items()
        }
    )
    asked = [F.mean(name) for name in columns] + [F.stddev(name) for name in columns]
    spark = list(frame_of(session, table).agg(*asked).collect()[0])
    series = list(columns.values())
    assert [*map(repr, means(series)), *map(repr, stddevs(series))] == [*map(repr, spark)]
    # Of many columns all are computed together.
    assert [*map(repr, stddevs(series * 4))] == [*map(repr, stddevs(series))] * 4


def test_floats_are_written_by_spark_without_a_job(session: SparkSession) -> None:
    texts = ["1.0E23", "0.1", "-0.0", "NaN", "-Infinity"]
    with watched(session) as work:
        assert float_texts(session, [1e23, 0.1, -0.0, float("nan"), float("-inf")]) == texts
    assert (work.actions, work.jobs) == (0, 0)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("precision", "scale"), [(38, 38), (38, 34), (37, 34), (30, 26), (20, 16)])
def test_the_mean_of_decimals_is_rounded_once(
    session: SparkSession, precision: int, scale: int, sign: int
) -> None:
    """Behind its last digit comes 4545…, which rounded twice would count as one more."""
    behind = 10 ** (min(scale + 4, 38) - scale)
    arrays = {}
    for digits in range(2, precision - 3, 3):
        unscaled_sum = next(one for one in range(10**digits, 0, -1) if one * behind % 11 == 5)
        values = [_decimal(sign * unscaled_sum, scale), *[Decimal(0)] * 10]
        arrays[f"of {digits}"] = pa.array(values, pa.decimal128(precision, scale))
    frame = frame_of(session, pa.table(arrays))
    averages = [F.expr(f"CAST(avg(`{name}`) AS STRING)").alias(name) for name in arrays]
    assert frame.agg(*averages).collect()[0].asDict() == {
        name: format(decimal_mean(unscaled(values), DecimalType(precision, scale)), "f")
        for name, values in arrays.items()
    }


def _decimal(unscaled: int, scale: int) -> Decimal:
    # With Python's own context it would be rounded to 28 digits.
    return Decimal(unscaled).scaleb(-scale, Context(prec=38))
