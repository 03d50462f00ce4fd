"""A suggestion that is accepted, exported and read back is the same check."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.sandbox.backend import Backend
from tests.parity.long import EXAMPLES
from tests.round_trip.accept_and_export import CONTRACT, PROPERTIES, comparable, travel
from tests.round_trip.cases import CASES
from tests.round_trip.results_page import page
from tests.round_trip.schemas import wrong
from tests.unit.checks.test_identity_defaults import GENERATED
from worker.checks.catalogue import CATALOGUE
from worker.checks.portable_arguments import portable
from worker.counting.check import Check
from worker.database.pool import Database

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.anyio


@pytest.fixture
async def road(backend: Backend) -> Backend:
    await backend.add_contract(CONTRACT)
    return backend


def wrong_by_3_0_2(odcs: dict[str, Any], *, strict: bool = False) -> list[str]:
    """Return the errors in a contract of the backend's, whatever version it names.

    The backend exports every version in the same form. The schema of 3.1, which it names by now,
    forbids its `rule` beside an `implementation`.
    """
    return wrong({**odcs, "apiVersion": "v3.0.2"}, strict=strict)


def test_there_is_a_case_for_every_function_that_is_suggested() -> None:
    estimated = {name for name, one in CATALOGUE.items() if one.estimated}
    assert {one.function for one in CASES.values()} >= {*GENERATED, *estimated}


async def test_every_check_comes_back_equal(road: Backend, database: Database) -> None:
    travelled = await travel(road, database, list(CASES.values()))
    assert len(travelled.rows) == len(CASES)
    assert wrong_by_3_0_2(travelled.odcs) == []
    # What the shim is for, and why there is `dqx-worker checks`.
    assert wrong_by_3_0_2(travelled.odcs, strict=True) != []
    assert Counter(map(comparable, travelled.read)) == Counter(
        comparable(json.loads(row.implementation)) for row in travelled.rows
    )
    assert (ROOT / "docs/figures/round-trip.md").read_text("utf-8") == page(travelled)
    for case in CASES.values():
        check = portable(case)
        assert check is not None
        assert any(
            (one["check"]["function"], one["check"]["arguments"], one["name"])
            == (check.function, check.arguments, check.name)
            for one in travelled.read
        )


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
NAMES = st.one_of(
    st.sampled_from(PROPERTIES),
    st.text(
        st.characters(exclude_characters=".`\0", exclude_categories=["Cs", "Cc", "Zl", "Zp"]),
        min_size=1,
        max_size=12,
    ).filter(str.strip),
    st.sampled_from(["order", "a-b", "größe (cm)", "x;y", "'q'", "SELECT", "a b.c d", "n+ 1"]),
)
NUMBERS = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=True, allow_infinity=True),
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, min_value=-(10**20), max_value=10**20
    ),
)
DAYS = st.dates().map(lambda day: day.isoformat())
MOMENTS = st.datetimes().map(lambda at: f"{at:%Y-%m-%dT%H:%M:%S.%f}+0000".rjust(31, "0"))
LIMITS = st.one_of(NUMBERS, DAYS, MOMENTS)


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


@st.composite
def checks(draw: st.DrawFn) -> Check:
    column = draw(NAMES)
    arguments: dict[str, Any] = {"column": column}
    function = draw(
        st.sampled_from(
            [
                *("is_not_null", "is_not_empty", "is_not_null_and_not_empty", "is_in_list"),
                *("is_in_range", "is_not_less_than", "is_not_greater_than", "is_unique"),
            ]
        )
    )
    match function:
        case "is_not_empty" | "is_not_null_and_not_empty":
            arguments["trim_strings"] = draw(st.booleans())
        case "is_in_list":
            texts = st.lists(TEXTS.map(quoted), min_size=1, max_size=9)
            numbers = st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=9)
            arguments["allowed"] = draw(st.one_of(texts, numbers))
        case "is_in_range":
            arguments |= {"min_limit": draw(LIMITS), "max_limit": draw(LIMITS)}
        case "is_not_less_than" | "is_not_greater_than":
            arguments["limit"] = draw(LIMITS)
        case "is_unique":
            arguments = {"columns": draw(st.lists(NAMES, min_size=1, max_size=3))}
            arguments["nulls_distinct"] = draw(st.booleans())
    filter_ = draw(st.sampled_from([None, "id >= 10", "region = 'O\\'R'", "`a b`"]))
    criticality = draw(st.sampled_from(["error", "warn"]))
    return Check(function, arguments, f"{column}_{function}", criticality, filter_)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(generated=st.lists(checks(), min_size=1, max_size=8))
async def test_any_check_comes_back_equal(
    road: Backend, database: Database, generated: Sequence[Check]
) -> None:
    travelled = await travel(road, database, generated)
    assert wrong_by_3_0_2(travelled.odcs) == []
    assert Counter(map(comparable, travelled.read)) == Counter(
        comparable(json.loads(row.implementation)) for row in travelled.rows
    )
    written = [portable(one) for one in generated]
    kept = {json.dumps(one.arguments, sort_keys=True) for one in written if one is not None}
    assert {json.dumps(one["check"]["arguments"], sort_keys=True) for one in travelled.read} <= kept
    assert bool(kept) == bool(travelled.read)
