"""Numbers that are written as text."""

import pytest

from tests.unit.estimates.columns import arguments, column, failing
from worker.estimates.numbers_in_text import numbers_in_text
from worker.patterns.number_patterns import NumberForm

_CENTS = [one * 37_111 % 9_000_000 for one in range(400)]
_PLAIN = [f"{one / 100:.2f}" for one in _CENTS]
_GROUPED = [f"{one / 100:,.2f}" for one in _CENTS]
_EUROPEAN = [one.translate(str.maketrans(",.", ".,")) for one in _GROUPED]


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        (_PLAIN, NumberForm(negative=False, digits=6, places=(2, 2))),
        ([*_PLAIN, "-1.00"], NumberForm(negative=True, digits=6, places=(2, 2))),
        ([*_PLAIN, "1.5"], NumberForm(negative=False, digits=6, places=(1, 2))),
        ([*_PLAIN, "1"], NumberForm(negative=False, digits=6, places=(0, 2))),
        ([str(one) for one in _CENTS], NumberForm(negative=False, digits=8, places=(0, 0))),
        (_GROUPED, NumberForm(negative=False, digits=6, places=(2, 2), between=",")),
        (_EUROPEAN, NumberForm(negative=False, digits=6, places=(2, 2), mark=",", between=".")),
        (
            [f"${one}" for one in _GROUPED],
            NumberForm(negative=False, digits=6, places=(2, 2), between=",", before="$"),
        ),
        (
            [f"{one % 100}%" for one in _CENTS],
            NumberForm(negative=False, digits=3, places=(0, 0), after="%"),
        ),
    ],
)
def test_how_numbers_are_written(texts: list[str], form: NumberForm) -> None:
    assert arguments(numbers_in_text(), column(texts)) == {"regex": form.pattern}
    assert failing(numbers_in_text(), column(texts)) == []


def test_a_lenient_form_has_any_sign_and_size_and_fewer_places() -> None:
    form = NumberForm(negative=True, digits=18, places=(0, 2))

    assert arguments(numbers_in_text(lenient=True), column(_PLAIN)) == {"regex": form.pattern}


@pytest.mark.parametrize("wrong", ["1.0", "1.000", "1,00", "01.00", " 1.00", "1.00x", "n/a", ""])
def test_a_few_that_are_written_in_another_way_are_findings(wrong: str) -> None:
    assert failing(numbers_in_text(0.03), column([*_PLAIN, wrong, None])) == [wrong]


@pytest.mark.parametrize("right", ["-5.00", "123456789.00"])
def test_a_rare_sign_or_size_is_none(right: str) -> None:
    assert failing(numbers_in_text(0.03), column([*_PLAIN, right])) == []


@pytest.mark.parametrize(
    "texts",
    [_PLAIN[:99], [f"{one:05}" for one in range(400)], [f"a{one}" for one in _PLAIN], [""] * 400],
)
def test_others_are_no_numbers(texts: list[str]) -> None:
    assert arguments(numbers_in_text(), column(texts)) is None
    assert arguments(numbers_in_text(lenient=True), column(texts)) is None


def test_numbers_that_are_no_texts() -> None:
    assert arguments(numbers_in_text(), column(_CENTS)) is None
