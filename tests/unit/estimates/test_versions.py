"""Shapes of versions, network addresses and other numbers with points between them."""

import pytest

from tests.unit.estimates.columns import arguments, column
from worker.estimates.shapes import shapes


@pytest.mark.parametrize(
    ("form", "pattern"),
    [
        ("{0}.{1}.{0}", r"[0-9]+\.[0-9]+\.[0-9]+"),
        ("v10.{0}.{1}", r"v[0-9]+\.[0-9]+\.[0-9]+"),
        ("{0}.1.0-rc{1}", r"[0-9]+\.[0-9]+\.[0-9]+\-rc[0-9]+"),
        ("iOS 1{0}.{1}", r"iOS [0-9]+\.[0-9]+"),
        ("192.168.{0}.{1}/24", r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+/[0-9]+"),
        ("{0}.5 kg", r"[0-9]+\.[0-9]+ kg"),
        # Zeros before it, or many digits, show that a number has as many always.
        ("0{0}.0{0}.2024", r"[0-9]{2}\.[0-9]{2}\.[0-9]{4}"),
        ("{0}55.8{1}0.1234", r"[0-9]{3}\.[0-9]{3}\.[0-9]{4}"),
        ("E1{0}.{1}", r"E[0-9]{2}\.[0-9]"),
        ("{0}.txt", r"[0-9]\.txt"),
    ],
)
def test_numbers_of_a_version_may_get_more_digits(form: str, pattern: str) -> None:
    digits = [(1 + at % 3, at % 10) for at in range(600)]

    found = arguments(shapes(), column([form.format(*one) for one in digits]))

    assert found == {"regex": rf"\A{pattern}\z"}
