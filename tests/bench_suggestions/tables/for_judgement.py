"""Generated tables to judge by. Do not fit anything to them."""

import json
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa

from tests.bench_suggestions.table import BenchTable, Fold, Kind
from tests.bench_suggestions.tables import random_values as make
from tests.bench_suggestions.tables.rows import made

__all__ = ["TABLES"]

_YEAR = timedelta(days=365)


def _invoices() -> pa.Table:
    rng, rows = np.random.default_rng(21), 9_000
    issued = make.moments(rng, rows, datetime(2022, 1, 3), 2 * _YEAR)  # noqa: DTZ001
    net = make.amounts(rng, rows, 830.0, 1.4)
    rate = make.picks(rng, rows, {Decimal("0.20"): 85, Decimal("0.055"): 10, Decimal("0.000"): 5})
    terms = make.picks(rng, rows, {14: 30, 30: 60, 60: 10})
    cents = Decimal("0.01")
    return made(
        {
            "invoice_no": [f"{one:%Y}-{at:06d}" for at, one in enumerate(issued, 7_100)],
            "issued_on": make.days(issued, [0] * rows),
            "due_on": make.days(issued, terms),
            "terms_days": terms,
            "supplier_id": [int(one) for one in 1000 + rng.zipf(1.4, rows) % 600],
            "net": net,
            "vat_rate": rate,
            "gross": [(n * (1 + r)).quantize(cents) for n, r in zip(net, rate, strict=True)],
            "currency": make.picks(rng, rows, {"EUR": 93, "USD": 6, "DKK": 1}),
            "iban": [
                f"FR{rng.integers(10, 98)}{rng.integers(10**17, 10**18)}" for _ in range(rows)
            ],
            "cost_centre": [
                f"{a}{b:03d}"
                for a, b in zip(
                    rng.choice(["A", "B", "Z"], rows), rng.integers(1, 70, rows), strict=True
                )
            ],
            "paid_on": make.some(rng, make.days(issued, rng.poisson(24, rows)), 0.9),
            "booked_by": make.picks(rng, rows, {"jdubois": 50, "mleroy": 45, "batch": 5}),
            "text": make.sentences(rng, rows, 9),
            "ledger": ["FR01"] * rows,
        }
    )


def _tickets() -> pa.Table:
    rng, rows = np.random.default_rng(22), 7_000
    opened = make.moments(rng, rows, datetime(2024, 2, 1), _YEAR)  # noqa: DTZ001
    minutes = [int(one) for one in 1 + rng.lognormal(5.5, 1.3, rows)]
    closed = [one + timedelta(minutes=gap) for one, gap in zip(opened, minutes, strict=True)]
    first, last = make.names(rng, rows)
    agents = make.emails(rng, *make.names(rng, 14))
    return made(
        {
            "ticket": make.uuids(rng, rows),
            "opened_at": opened,
            "closed_at": make.some(rng, closed, 0.93),
            "minutes_open": minutes,
            "priority": make.picks(rng, rows, {"P3": 60, "P2": 30, "P4": 8, "P1": 2}),
            "agent": [str(one) for one in rng.choice(agents, rows)],
            "requester": make.emails(rng, first, last),
            "page": [
                f"https://shop.example/{rng.choice(['help', 'cart', 'item'])}/{one}"
                for one in rng.integers(1, 9_000, rows)
            ],
            "client_ip": [".".join(map(str, rng.integers(1, 255, 4))) for _ in range(rows)],
            "language": make.late(
                make.picks(rng, rows, {"en": 60, "de": 25, "fr": 15}), "it", 0.05, rng
            ),
            "payload": [
                json.dumps({"session": f"{one:08x}", "tries": int(one) % 4})
                for one in rng.integers(0, 2**32, rows)
            ],
            "score": make.some(rng, [int(one) for one in rng.integers(1, 6, rows)], 0.4),
            "reopened": make.picks(rng, rows, {"no": 91, "yes": 9}),
            "subject": make.sentences(rng, rows, 7),
        }
    )


def _staff() -> pa.Table:
    rng, rows = np.random.default_rng(23), 4_000
    first, last = make.names(rng, rows)
    hired = make.moments(rng, rows, datetime(1998, 1, 1), 26 * _YEAR)  # noqa: DTZ001
    departments = {f"D{at:02d}": 1 / at for at in range(1, 15)}
    return made(
        {
            "staff_no": make.growing(rng, rows, 100),
            "first_name": first,
            "last_name": last,
            "email": make.emails(rng, first, last),
            "hired_on": make.days(hired, [0] * rows),
            "birth_date": [f"{one:%d.%m.%Y}" for one in make.births(rng, rows)],
            "department": make.picks(rng, rows, departments),
            "grade": [int(one) for one in rng.binomial(12, 0.4, rows)],
            "salary": make.amounts(rng, rows, 52_000.0, 0.35),
            "fte": make.picks(rng, rows, {1.0: 75, 0.5: 12, 0.8: 10, 0.6: 3}),
            "manager_no": make.some(rng, [int(one) for one in rng.integers(100, 400, rows)], 0.985),
            "room": [f"{rng.integers(1, 5)}.{one:03d}" for one in rng.integers(1, 60, rows)],
            "phone": [f"0{rng.integers(20, 99)}-{one}" for one in rng.integers(1_000, 9_999, rows)],
            "active": make.picks(rng, rows, {"Y": 88, "N": 12}),
        }
    )


def _bank() -> pa.Table:
    rng, rows = np.random.default_rng(24), 12_000
    booked = make.moments(rng, rows, datetime(2023, 6, 1), _YEAR)  # noqa: DTZ001
    signs = rng.choice([-1, 1], rows, p=[0.7, 0.3])
    amount = [int(s) * a for s, a in zip(signs, make.amounts(rng, rows, 64.0, 1.2), strict=True)]
    return made(
        {
            "transaction_id": make.growing(rng, rows, 88_000_000),
            "account": [f"{one:010d}" for one in 10**9 + rng.zipf(1.5, rows) % 7_919 * 104_729],
            "booked_at": booked,
            "value_date": make.days(booked, rng.choice([0, 1, 2], rows, p=[0.7, 0.2, 0.1])),
            "amount": amount,
            "direction": ["C" if one > 0 else "D" for one in amount],
            "amount_text": [f"{one:,.2f}" for one in amount],
            "category": make.picks(rng, rows, {f"cat_{at}": 1 / at**1.5 for at in range(1, 40)}),
            "mcc": make.some(
                rng, [f"{one:04d}" for one in rng.choice(range(100, 9_000, 61), rows)], 0.8
            ),
            "country": make.picks(rng, rows, {"GB": 90, "IE": 5, "FR": 2.5, "ES": 2, "US": 0.5}),
            "fee": make.picks(
                rng, rows, {Decimal("0.00"): 95, Decimal("0.50"): 4, Decimal("2.50"): 1}
            ),
            "fx_rate": [
                round(float(one), 4)
                for one in rng.normal(1.17, 0.02, rows).cumsum() / range(1, rows + 1)
            ],
            "risk": [round(float(one), 3) for one in rng.beta(1, 12, rows)],
            "memo": make.some(rng, make.sentences(rng, rows, 6), 0.7),
        }
    )


TABLES = [
    BenchTable(
        "invoices",
        Fold.JUDGEMENT,
        _invoices,
        {
            "invoice_no": Kind.KEY,
            "issued_on": Kind.MOVING_DATE,
            "due_on": Kind.MOVING_DATE,
            "terms_days": Kind.DURATION,
            "supplier_id": Kind.CODE,
            "net": Kind.AMOUNT,
            "vat_rate": Kind.SHARE,
            "gross": Kind.AMOUNT,
            "currency": Kind.ISO_CODE,
            "iban": Kind.CODE,
            "cost_centre": Kind.CODE,
            "paid_on": Kind.MOVING_DATE,
            "booked_by": Kind.CATEGORY,
            "text": Kind.FREE_TEXT,
            "ledger": Kind.CONSTANT,
        },
        key=("invoice_no",),
        order="issued_on",
    ),
    BenchTable(
        "tickets",
        Fold.JUDGEMENT,
        _tickets,
        {
            "ticket": Kind.UUID,
            "opened_at": Kind.MOVING_DATE,
            "closed_at": Kind.MOVING_DATE,
            "minutes_open": Kind.DURATION,
            "priority": Kind.CATEGORY,
            "agent": Kind.EMAIL,
            "requester": Kind.EMAIL,
            "page": Kind.URL,
            "client_ip": Kind.IP,
            "language": Kind.ISO_CODE,
            "payload": Kind.JSON,
            "score": Kind.CATEGORY,
            "reopened": Kind.FLAG,
            "subject": Kind.FREE_TEXT,
        },
        key=("ticket",),
        order="opened_at",
    ),
    BenchTable(
        "staff",
        Fold.JUDGEMENT,
        _staff,
        {
            "staff_no": Kind.KEY,
            "first_name": Kind.PERSONAL,
            "last_name": Kind.PERSONAL,
            "email": Kind.EMAIL,
            "hired_on": Kind.MOVING_DATE,
            "birth_date": Kind.TEXT_DATE,
            "department": Kind.CATEGORY,
            "grade": Kind.CATEGORY,
            "salary": Kind.AMOUNT,
            "fte": Kind.SHARE,
            "manager_no": Kind.CODE,
            "room": Kind.CODE,
            "phone": Kind.PHONE,
            "active": Kind.FLAG,
        },
        key=("staff_no",),
        order="hired_on",
    ),
    BenchTable(
        "bank",
        Fold.JUDGEMENT,
        _bank,
        {
            "transaction_id": Kind.KEY,
            "account": Kind.CODE,
            "booked_at": Kind.MOVING_DATE,
            "value_date": Kind.MOVING_DATE,
            "amount": Kind.AMOUNT,
            "direction": Kind.FLAG,
            "amount_text": Kind.TEXT_NUMBER,
            "category": Kind.CATEGORY,
            "mcc": Kind.CODE,
            "country": Kind.ISO_CODE,
            "fee": Kind.AMOUNT,
            "fx_rate": Kind.MEASURE,
            "risk": Kind.SHARE,
            "memo": Kind.FREE_TEXT,
        },
        key=("transaction_id",),
        order="booked_at",
    ),
]
