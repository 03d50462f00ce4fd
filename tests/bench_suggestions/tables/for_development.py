"""Generated tables to develop with."""

from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa

from tests.bench_suggestions.table import BenchTable, Fold, Kind
from tests.bench_suggestions.tables import random_values as make
from tests.bench_suggestions.tables.rows import made

__all__ = ["TABLES"]

_YEAR = timedelta(days=365)


def _shop_orders() -> pa.Table:
    rng, rows = np.random.default_rng(11), 10_000
    ordered = make.moments(rng, rows, datetime(2023, 3, 1), _YEAR)  # noqa: DTZ001
    net = make.amounts(rng, rows, 48.0, 0.9)
    rate = make.picks(rng, rows, {0: 2, 7: 18, 19: 80})
    status = make.picks(
        rng, rows, {"delivered": 80, "shipped": 9, "open": 7, "cancelled": 3.5, "returned": 0.5}
    )
    tax = [(a * r / 100).quantize(Decimal("0.01")) for a, r in zip(net, rate, strict=True)]
    first, last = make.names(rng, rows)
    return made(
        {
            "order_id": make.growing(rng, rows, 4_100_000),
            "customer_no": [f"K-{one:06d}" for one in rng.zipf(1.3, rows) % 40_000],
            "ordered_at": ordered,
            "status": status,
            "channel": make.late(
                make.picks(rng, rows, {"web": 60, "app": 30, "store": 10}), "partner", 0.02, rng
            ),
            "currency": make.picks(rng, rows, {"EUR": 82, "CHF": 9, "GBP": 8, "SEK": 1}),
            "net_amount": net,
            "tax_rate": rate,
            "tax_amount": tax,
            "quantity": [int(one) for one in 1 + rng.poisson(1.4, rows)],
            "coupon": make.some(
                rng,
                [f"{one}-{rng.integers(5, 30)}" for one in rng.choice(["SALE", "NEW"], rows)],
                0.12,
            ),
            "delivered_on": make.some(rng, make.days(ordered, 1 + rng.poisson(3, rows)), 0.96),
            "email": make.emails(rng, first, last),
            "postal_code": [f"{one:05d}" for one in rng.integers(1067, 99_998, rows)],
            "is_gift": [bool(one) for one in rng.random(rows) < 0.04],
            "note": make.some(rng, make.sentences(rng, rows, 12), 0.1),
        }
    )


def _clients() -> pa.Table:
    rng, rows = np.random.default_rng(12), 7_000
    first, last = make.names(rng, rows)
    countries = {"DE": 50, "AT": 15, "CH": 12, "FR": 12, "PL": 8, "SE": 2.6, "LI": 0.4}
    return made(
        {
            "client_no": [f"C{one:07d}" for one in make.growing(rng, rows, 20_000)],
            "first_name": first,
            "last_name": last,
            "email": make.some(rng, make.emails(rng, first, last), 0.995),
            "phone": [
                f"+{rng.choice([49, 43, 41])} {rng.integers(30, 999)} {rng.integers(10**5, 10**8)}"
                for _ in range(rows)
            ],
            "birth_date": make.some(rng, make.births(rng, rows), 0.97),
            "country": make.picks(rng, rows, countries),
            "city": [str(one) for one in rng.choice([f"Town {at}" for at in range(400)], rows)],
            "registered_at": make.moments(rng, rows, datetime(2015, 1, 1), 8 * _YEAR),  # noqa: DTZ001
            "newsletter": make.picks(rng, rows, {"Y": 30, "N": 70}),
            "credit_limit": make.picks(rng, rows, {0: 40, 500: 30, 1000: 20, 5000: 9, 20_000: 1}),
            "website": make.some(
                rng, [f"https://www.shop{at % 5_000}.example/" for at in range(rows)], 0.3
            ),
            "segment": make.picks(rng, rows, {"private": 70, "business": 28, "public": 2}),
        }
    )


def _readings() -> pa.Table:
    rng, rows = np.random.default_rng(13), 12_000
    at = make.moments(rng, rows, datetime(2024, 1, 1), timedelta(days=240))  # noqa: DTZ001
    season = np.array([12 - 11 * np.cos(2 * np.pi * one.timetuple().tm_yday / 365) for one in at])
    sensor = rng.integers(1, 41, rows)
    return made(
        {
            "sensor": [f"S-{one:02d}" for one in sensor],
            "measured_at": at,
            "temperature": [round(float(one), 1) for one in rng.normal(season, 4)],
            "humidity": [round(float(one), 1) for one in 100 * rng.beta(6, 3, rows)],
            "battery": [round(float(one), 3) for one in rng.uniform(0.05, 1, rows)],
            "voltage": [round(float(one), 2) for one in rng.normal(3.3, 0.04, rows)],
            "rain_mm": [
                round(float(one), 1) if one > 0.4 else 0.0
                for one in rng.exponential(0.6, rows) ** 2
            ],
            "firmware": make.late(
                make.picks(rng, rows, {"2.1.0": 70, "2.1.3": 30}), "2.2.0", 0.4, rng
            ),
            "error_code": make.some(
                rng, [f"E{one:03d}" for one in rng.choice([11, 12, 40, 77], rows)], 0.03
            ),
            "latitude": [round(47.0 + one / 37, 5) for one in sensor],
            "longitude": [round(8.0 + one / 23, 5) for one in sensor],
            "gateway": [f"10.0.{one % 4}.{one % 250 + 1}" for one in rng.integers(0, 900, rows)],
            "unit": ["C"] * rows,
        }
    )


TABLES = [
    BenchTable(
        "shop orders",
        Fold.DEVELOPMENT,
        _shop_orders,
        {
            "order_id": Kind.KEY,
            "customer_no": Kind.CODE,
            "ordered_at": Kind.MOVING_DATE,
            "status": Kind.CATEGORY,
            "channel": Kind.CATEGORY,
            "currency": Kind.ISO_CODE,
            "net_amount": Kind.AMOUNT,
            "tax_rate": Kind.CATEGORY,
            "tax_amount": Kind.AMOUNT,
            "quantity": Kind.COUNT,
            "coupon": Kind.CODE,
            "delivered_on": Kind.MOVING_DATE,
            "email": Kind.EMAIL,
            "postal_code": Kind.POSTAL_CODE,
            "is_gift": Kind.FLAG,
            "note": Kind.FREE_TEXT,
        },
        key=("order_id",),
        order="ordered_at",
    ),
    BenchTable(
        "clients",
        Fold.DEVELOPMENT,
        _clients,
        {
            "client_no": Kind.KEY,
            "first_name": Kind.PERSONAL,
            "last_name": Kind.PERSONAL,
            "email": Kind.EMAIL,
            "phone": Kind.PHONE,
            "birth_date": Kind.DATE,
            "country": Kind.ISO_CODE,
            "city": Kind.CATEGORY,
            "registered_at": Kind.MOVING_DATE,
            "newsletter": Kind.FLAG,
            "credit_limit": Kind.AMOUNT,
            "website": Kind.URL,
            "segment": Kind.CATEGORY,
        },
        key=("client_no",),
        order="registered_at",
    ),
    BenchTable(
        "readings",
        Fold.DEVELOPMENT,
        _readings,
        {
            "sensor": Kind.CODE,
            "measured_at": Kind.MOVING_DATE,
            "temperature": Kind.MEASURE,
            "humidity": Kind.SHARE,
            "battery": Kind.SHARE,
            "voltage": Kind.MEASURE,
            "rain_mm": Kind.MEASURE,
            "firmware": Kind.CODE,
            "error_code": Kind.CODE,
            "latitude": Kind.COORDINATE,
            "longitude": Kind.COORDINATE,
            "gateway": Kind.IP,
            "unit": Kind.CONSTANT,
        },
        order="measured_at",
    ),
]
