"""The lines of the bench say what was measured."""

from tests.support.figures import Figure, Goal, median_and_p99, p99, table


def test_the_99th_percentile_of_few_values_is_their_maximum_and_called_so() -> None:
    few = [float(value) for value in range(1, 51)]
    many = [float(value) for value in range(1, 201)]
    assert (p99(few), p99(many)) == (50, 198)
    assert median_and_p99(few, "s", 1) == "median 25.5 s, p99 = max 50.0 s, n = 50"
    assert median_and_p99(many, "ms", 0) == "median 100 ms, p99 198 ms, max 200 ms, n = 200"


def test_a_goal_has_a_mark_and_a_figure_without_one_has_none() -> None:
    lines = table(
        [
            Figure("a", "1", Goal("≤ 2", met=True)),
            Figure("b", "3", Goal("≤ 2", met=False)),
            Figure("c", "4"),
        ]
    ).splitlines()
    assert lines[2:] == ["| a | 1 | ≤ 2 | ✓ |", "| b | 3 | ≤ 2 | ✗ |", "| c | 4 |  |  |"]
