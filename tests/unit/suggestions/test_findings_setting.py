"""Which share of the rows may break a rule that is suggested because of them."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from tests.unit.suggestions.rows import FETCHED, PART
from worker.attempt.run_options import RunOptions
from worker.judging.propose import propose
from worker.kinds.column import Column
from worker.profiling.results import TableProfile
from worker.sampling.dqx_options import DqxOptions
from worker.suggestions.options import CheckOptions

ROWS = 2_000
# One row without a value, and twenty with a text that no other row has.
STATES = ["EWR", "JFK", "LGA", "BOS"] * (ROWS // 4)
COLUMNS = [
    Column("amount", pa.array([None, *range(1, ROWS)])),
    Column("state", pa.array([f"?{n}" for n in range(20)] + STATES[20:])),
]


def findings(**tolerated: Any) -> set[str]:
    profile = TableProfile("t", 2, PART, FETCHED, {}, 0, (), {})
    found = propose(profile, COLUMNS, now=datetime(2026, 1, 1, tzinfo=UTC), **tolerated)
    return {one.candidate.column for one in found if one.finding}


@pytest.mark.parametrize(
    ("share", "found"),
    [({}, {"amount", "state"}), ({"tolerated": 0.0}, set()), ({"tolerated": 0.005}, {"amount"})],
)
def test_at_most_so_large_a_share_is_tolerated(share: dict[str, Any], found: set[str]) -> None:
    assert findings(**share) == found


def test_a_run_and_a_table_choose_their_own_share() -> None:
    text = '{"findings": 0.1, "tables": {"a": {"findings": 0}}}'
    options = RunOptions.parsed(text, ["a", "b"], DqxOptions())
    assert options.of_checks("a", CheckOptions()).findings == 0
    assert options.of_checks("b", CheckOptions()).findings == 0.1
    assert RunOptions().of_checks("a", CheckOptions()).findings == 0.03
