"""The words of a column's name."""

import pytest

from worker.kinds.names import AMOUNTS, SHARES, ColumnName


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("order_id", ("order", "id")),
        ("orderId", ("order", "id")),
        ("OrderID", ("order", "id")),
        ("HTTPStatus2Code", ("http", "status", "code")),
        ("customer.home.ZIP", ("zip",)),
        ("größe", ("groesse",)),
        ("日本", ()),
        ("", ()),
    ],
)
def test_names_are_split_on_case_digits_and_underscores(path: str, words: tuple[str, ...]) -> None:
    assert ColumnName(path).words == words


def test_the_last_word_counts_first_and_words_may_be_joined() -> None:
    assert ColumnName("price_rate").hint(AMOUNTS | SHARES) == "rate"
    assert ColumnName("o_totalprice").hint(AMOUNTS) == "price"
    assert ColumnName("humid").hint(frozenset({"id"})) is None


def test_a_number_of_things_is_a_count_and_a_number_alone_a_name() -> None:
    assert ColumnName("number_of_rooms").names_a_thing is None
    assert ColumnName("num_rooms").counts == "num"
    assert ColumnName("roomcount").counts == "count"
    assert ColumnName("discount").counts is None
    assert ColumnName("account").names_a_thing == "account"
    assert ColumnName("invoice_number").names_a_thing == "number"


@pytest.mark.parametrize("name", ["status", "class", "bus", "axis"])
def test_not_each_s_makes_a_plural(name: str) -> None:
    assert not ColumnName(name).plural
