"""What is proposed for a table: chains, findings, DQX's candidates beside them, and odd columns."""

import warnings
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.unit.judging.proposed import CLEAN, NOW, ROWS, own, profile_of, proposed
from worker.checks.catalogue import function_of
from worker.checks.portable_arguments import portable
from worker.checks.words import check_name
from worker.estimates.chains import chains_for
from worker.judging import propose as proposing
from worker.judging.proposal import Origin
from worker.judging.propose import propose
from worker.kinds.column_kind import ColumnKind
from worker.profiling.results import Candidate

_RNG = np.random.default_rng(24)
_DQX = ("is_not_null", "is_in_range", "is_in_list", "is_not_null_and_not_empty")


def test_a_date_that_lies_ahead_by_its_name_may_be_in_the_future() -> None:
    days = CLEAN["day"]
    dated = ("ordered_on", "due_date", "valid_until", "promised", "settle_date")

    ends = {
        one.candidate.column: one.candidate.check.arguments.get("offset")
        for one in proposed(dict.fromkeys(dated, days))
        if one.candidate.check.function == "is_not_in_future"
    }
    ten_years = 10 * 365 * 86_400
    assert ends == {
        "ordered_on": None,
        **dict.fromkeys(("due_date", "valid_until", "promised", "settle_date"), ten_years),
    }


def test_names_of_people_get_no_list() -> None:
    people = ["Anna", "Ben", "Cleo"] * (ROWS // 3)

    assert own({"branch": people, "first_name": people}) == {
        "branch": ["is_not_null_and_is_in_list"],
        "first_name": ["regex_match"],
    }


def test_of_a_larger_table_more_rows_are_expected_to_fail() -> None:
    few, many = (
        {one.candidate.column: one.expected for one in proposed(CLEAN, of_rows=rows) if one.random}
        for rows in (ROWS, 10 * ROWS)
    )

    assert few.keys() == many.keys()
    assert [many[name] for name in few] == pytest.approx([10 * (one or 0) for one in few.values()])


def test_two_columns_that_name_a_row_are_a_key_if_no_single_one_is() -> None:
    first = date(2024, 1, 1)
    rows = {
        "day": [first + timedelta(days=at // 3) for at in range(ROWS)],
        "shop": ["a", "b", "c"] * (ROWS // 3),
        "sold": _RNG.integers(10, 99, ROWS),
    }
    (key,) = (one for one in proposed(rows) if one.candidate.check.function == "is_unique")

    assert key.candidate.check.arguments == {"columns": ["day", "shop"]}
    assert key.kind == ColumnKind.KEY
    assert key.made_of is not None
    assert key.made_of.passing == key.made_of.rows == ROWS
    assert key.random is not None
    assert key.random.held == key.random.parts
    check = portable(key.candidate.check)
    assert check is not None
    assert check_name(check) == "day, shop unique"
    numbered = {"id": range(ROWS), **rows}
    found = [one for one in proposed(numbered) if one.candidate.check.function == "is_unique"]
    assert [one.candidate.column for one in found] == ["id"]


def test_a_clean_table() -> None:
    assert own(CLEAN) == {
        "id": ["is_unique", "is_not_less_than"],
        "depot": ["is_not_null_and_is_in_list"],
        "price": ["is_in_range", "has_num_decimal_places"],
        "code": ["regex_match"],
        "day": ["is_not_less_than", "is_not_in_future"],
        "mail": ["is_valid_email", "has_valid_string_case"],
        "note": ["regex_match"],
    }


@pytest.mark.parametrize(
    ("name", "wrong", "finding"),
    [
        ("depot", "berlin", "is_not_null_and_is_in_list!"),
        ("price", -4000.0, "is_in_range!"),
        ("code", "k-0001", "regex_match!"),
        ("day", date(2200, 1, 1), "is_not_in_future!"),
        ("mail", "ann.example.com", "is_valid_email!"),
        ("note", " padded", "regex_match!"),
        ("note", None, "is_not_null!"),
    ],
)
def test_a_wrong_value_is_a_finding(name: str, wrong: object, finding: str) -> None:
    values = [*pa.array(CLEAN[name]).to_pylist()[1:], wrong]

    assert finding in own({name: values})[name]
    assert not any(one.endswith("!") for one in own({name: values}, tolerated=0.0)[name][1:])


def test_a_finding_has_no_refits_and_a_rule_has() -> None:
    for one in proposed({"depot": [*CLEAN["depot"], "berlin"], "price": [*CLEAN["price"], 4.0]}):
        assert (one.random is None) == one.finding


def test_of_a_chain_the_first_that_survives_is_proposed() -> None:
    # Ten of the depots are so rare that a part of the rows lacks some of them.
    towns = [*CLEAN["depot"], *(f"town {at} x" for at in range(10) for _ in range(5))]

    assert own({"depot": towns}, tolerated=0.0)["depot"] == ["regex_match"]


def test_dqx_candidates_follow_and_are_held_back_beside_the_own() -> None:
    found = proposed({"depot": CLEAN["depot"], "id": CLEAN["id"]}, _DQX)

    origins = [one.origin for one in found]
    assert origins == [*[Origin.WORKER] * 3, *[Origin.DQX] * 8]
    held = {
        (one.candidate.column, one.candidate.check.function)
        for one in found
        if one.held_back is not None
    }
    assert held == {
        *(("depot", function) for function in _DQX),
        *(("id", function) for function in ("is_in_range", "is_in_list", "is_not_null")),
    }


def test_a_column_that_was_not_fetched_keeps_its_candidates() -> None:
    candidate = Candidate(function_of("is_in_range").check("far"), "", "far", "as DQX says")

    (found,) = propose(profile_of([candidate], {}), [], now=NOW)

    assert (found.kind, found.held_back, found.random) == (ColumnKind.OTHER, None, None)
    assert found.reason == "as DQX says"


def test_moments_without_a_zone_say_so() -> None:
    moments = pa.array(range(10**15, 2 * 10**15, 10**12), pa.timestamp("us"))
    of_zone = moments.cast(pa.timestamp("us", "UTC"))

    proposals = proposed({"at": moments, "of_zone": of_zone})

    assert {(one.candidate.column, one.candidate.zoneless) for one in proposals} == {
        ("at", True),
        ("of_zone", False),
    }


@pytest.mark.parametrize("failing", ["describe", "chains"])
def test_a_column_that_raises_costs_no_other_its_proposals(
    failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if failing == "chains":
        # Arrow encodes no lists: whatever is made of them raises.
        monkeypatch.setattr(
            proposing, "chains_for", lambda _kind, *rest: chains_for(ColumnKind.KEY, *rest)
        )
        broken = pa.array([[1]] * ROWS)
    else:
        broken = pa.Array.from_buffers(pa.string(), 1, pa.array([b"\xff"]).buffers()).take(
            pa.array([0] * ROWS)
        )
    raised: dict[str, str] = {}

    found = proposed(
        {"broken": broken, "price": CLEAN["price"]},
        ("is_not_null", "is_in_list"),
        failed=lambda path, error: raised.setdefault(path, type(error).__name__),
    )

    assert list(raised) == ["broken"]
    functions = {(one.candidate.column, one.candidate.check.function) for one in found}
    assert {
        ("broken", "is_not_null"),
        ("broken", "is_in_list"),
        ("price", "is_not_null"),
    } <= functions


_NAN, _INF = float("nan"), float("inf")
_ODD: dict[str, pa.Array] = {
    "bool": pa.array([True, None, False] * 400),
    "binary": pa.array([b"\xff", b"", None] * 400),
    "lists": pa.array([[1], None, []] * 400),
    "struct": pa.array([{"a": 1}, None, {"a": None}] * 400),
    "map": pa.array([[("a", 1)], None, []] * 400, pa.map_(pa.string(), pa.int64())),
    "nothing": pa.nulls(ROWS),
    "no_text": pa.nulls(ROWS, pa.string()),
    "no_number": pa.nulls(ROWS, pa.float64()),
    "no_day": pa.nulls(ROWS, pa.date32()),
    "decimals": pa.array([Decimal("9" * 38), Decimal("-" + "9" * 38), Decimal(0)] * 400),
    "many_decimals": pa.array(
        [Decimal(int(one)) * 10**20 for one in _RNG.integers(0, 10**9, ROWS)], pa.decimal128(38, 0)
    ),
    "fine_decimals": pa.array(
        [Decimal(int(one)).scaleb(-38) for one in _RNG.integers(0, 10**9, ROWS)],
        pa.decimal128(38, 38),
    ),
    "negative_scale": pa.array([Decimal("1E5"), Decimal("7E6")] * 600, pa.decimal128(5, -5)),
    "huge_decimals": pa.array([Decimal("9" * 70), Decimal(1)] * 600, pa.decimal256(76, 5)),
    "days": pa.array(_RNG.integers(-(2**31), 2**31, ROWS), pa.int32()).cast(pa.date32()),
    "moments": pa.array(_RNG.integers(-(2**63), 2**63 - 1, ROWS)).cast(pa.timestamp("us")),
    "nanoseconds": pa.array(_RNG.integers(0, 2**62, ROWS)).cast(pa.timestamp("ns", "UTC")),
    "milliseconds": pa.array(_RNG.integers(-(2**62), 2**62, ROWS)).cast(pa.date64()),
    "seconds": pa.array(_RNG.integers(-(2**62), 2**62, ROWS)).cast(pa.timestamp("s")),
    "spans": pa.array([timedelta(days=at) for at in range(ROWS)]),
    "odd_floats": pa.array([_NAN, _INF, -_INF, 1.5, None, -0.0] * 200),
    "great_floats": pa.array(_RNG.normal(0, 1e307, ROWS)),
    "small_floats": pa.array(_RNG.normal(0, 1e-310, ROWS)),
    "extremes": pa.array([-(2**63), 2**63 - 1, 0] * 400),
    "integers": pa.array(_RNG.integers(-(2**63), 2**63 - 1, ROWS)),
    "unsigned": pa.array(_RNG.integers(2**63, 2**64 - 1, ROWS, dtype=np.uint64)),
    "dictionary": pa.array(["a b", "c d", None] * 400).dictionary_encode(),
    "large": pa.array([f"K-{at:04}" for at in range(ROWS)], pa.large_string()),
    "view": pa.array(["a b", "c d", None] * 400, pa.string_view()),
    "no_utf8": pa.Array.from_buffers(
        pa.string(), 3, pa.array([b"\xed\xa0\x80", b"\xff", b"ok\0"]).buffers()
    ).take(pa.array([0, 1, 2] * 400)),
    "blank": pa.array(["", " ", "\t", "\0"] * 300),
}


@pytest.mark.parametrize("rows", [0, 1, 40, ROWS])
def test_columns_of_all_types_raise_nothing(rows: int) -> None:
    raised: dict[str, Exception] = {}
    values = {name: one.slice(0, rows) for name, one in _ODD.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = proposed(values, _DQX[:2], failed=raised.setdefault)

    # Text that is no text may raise.
    assert raised.keys() <= {"no_utf8"}
    assert len(found) >= 2 * len(_ODD)
    for one in found:
        if one.origin is Origin.WORKER:
            # What remains of a bound before today's calendar is held back later on.
            portable(one.candidate.check, zoneless=one.candidate.zoneless)


_DAYS = [f"{date(2020, 1, 1) + timedelta(days=at)}".encode() for at in range(ROWS - 1)]


@pytest.mark.parametrize(
    "order",
    [
        pa.array([-_INF, *map(float, range(ROWS - 3)), _INF, _INF]),
        pa.array([1e308 + at * 1e304 for at in range(ROWS)]),
        pa.Array.from_buffers(
            pa.string(), ROWS, pa.array([*_DAYS, b"2023-12\xff"], pa.binary()).buffers()
        ),
    ],
    ids=["infinities", "great doubles", "days in no UTF-8"],
)
def test_an_order_of_odd_values_costs_no_other_column_its_proposals(order: pa.Array) -> None:
    values = {name: _ODD[name] for name in ("odd_floats", "great_floats", "small_floats")}
    values |= {"order": order, "apart": pa.array([1.7e308, -1.7e308] * (ROWS // 2))}
    raised: dict[str, Exception] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = proposed({**values, "price": CLEAN["price"]}, failed=raised.setdefault)

    # Text that is no text may raise.
    assert raised.keys() <= {"order"}
    assert "price" in {one.candidate.column for one in found}


def test_no_reason_holds_a_value_of_a_cell() -> None:
    # Names and numbers that occur in no sentence by chance.
    values: dict[str, Any] = {
        "a": _RNG.choice(["Quax", "Zorbl", "Vrimp"], ROWS),
        "b": [f"QX-{at + 731_000}" for at in range(ROWS)],
        "c": _RNG.normal(73_137, 5, ROWS).round(1),
        "d": [date(2021, 7, 13) + timedelta(days=at % 300) for at in range(ROWS)],
        "e": [f"vrimp{at}@quax.org" for at in range(ROWS)],
        "f": [f"zorbl vrimp {at}" for at in _RNG.integers(731_000, 731_900, ROWS)],
        "g": ["Quax"] * ROWS,
        "h": [*["Quax", "Zorbl"] * 600][:ROWS],
        "i": _RNG.permutation(ROWS) + 731_000,
        "j": [73_137] * ROWS,
    }
    wrong = ["quax ", "qx-1", -99_731.0, date(1731, 1, 1), "vrimp", " zorbl", "Qux", "zorbl", 7, 7]
    for at, name in enumerate(values):
        values[name] = [*pa.array(values[name]).to_pylist()[1:], wrong[at]]

    found = [*proposed(values, _DQX), *proposed({**values, "k": [None] * ROWS}, tolerated=0.0)]

    told = " ".join(f"{one.reason} {one.kind_reason}" for one in found).casefold()
    assert len(found) > 40
    for part in ("quax", "zorbl", "vrimp", "qux", "qx", "731", "73,1", "7313", "2021", "1731"):
        assert part not in told


def test_long_texts_and_many_columns() -> None:
    long = pa.array([f"{at}" + "x y" * 3_000 for at in range(10_000)])
    assert own({"long": long}) == {"long": ["regex_match"]}
    few = pa.array(["a", "b", None] * 20)
    assert len(own({f"c{at}": few for at in range(500)})) == 500


def test_checks_of_filtered_rows_are_of_such_rows_alone() -> None:
    found = proposed(CLEAN, condition="price > 1")

    assert found
    assert {one.candidate.check.filter for one in found} == {"price > 1"}
    assert {one.candidate.check.filter for one in proposed(CLEAN)} == {None}
