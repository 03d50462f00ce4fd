import math

import pytest

from worker.suggestions.failing_share import most_failing


@pytest.mark.parametrize("rows", [1, 10, 100, 5_000])
def test_where_none_fails_it_is_the_rule_of_three(rows: int) -> None:
    share = most_failing(rows, 0)

    assert math.isclose((1 - share) ** rows, 0.05)
    assert share < 3 / rows


@pytest.mark.parametrize(
    ("rows", "failing"), [(10, 1), (10, 9), (100, 3), (998, 1), (5_000, 250), (5_000, 4_900)]
)
def test_with_that_share_so_few_would_fail_in_five_of_a_hundred_draws(
    rows: int, failing: int
) -> None:
    share = most_failing(rows, failing)

    so_few = math.fsum(
        math.exp(
            math.lgamma(rows + 1)
            - math.lgamma(k + 1)
            - math.lgamma(rows - k + 1)
            + k * math.log(share)
            + (rows - k) * math.log1p(-share)
        )
        for k in range(failing + 1)
    )
    assert math.isclose(so_few, 0.05, rel_tol=1e-6)
    assert failing / rows < share < 1


def test_where_all_fail_nothing_is_ruled_out() -> None:
    assert most_failing(7, 7) == 1.0
