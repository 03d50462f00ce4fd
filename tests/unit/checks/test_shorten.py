import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.checks.shorten import at_the_end, in_the_middle, one_line

# An accent, a skin tone, two halves of a flag, a vowel and an end of a Korean syllable.
MARKS = "\u0301\u0308\u093f\U0001f3fb\U0001f1e9\U0001f1ea\u1161\u11a8"
TEXTS = st.text(st.sampled_from(f"ab_ 中👍{MARKS}") | st.characters(), max_size=80)


@pytest.mark.parametrize(
    ("text", "limit", "middle", "end"),
    [
        ("order_id", 8, "order_id", "order_id"),
        ("customer_address_id", 9, "cust…s_id", "customer…"),
        ("customer_address_id", 2, "c…", "c…"),
        ("customer_address_id", 1, "…", "…"),
        # Accents without a letter before them.
        ("\u0301\u0301\u0301\u0301", 3, "…", "…"),
        # Two accents on one letter; a skin tone; flags of two letters; a syllable of three.
        ("aE\u0301\u0308bcdE\u0301\u0308", 7, "a…E\u0301\u0308", "aE\u0301\u0308bc…"),
        ("aE\u0301\u0308bcdE\u0301\u0308", 4, "a…", "a…"),
        ("ab👍🏻cdefg👍🏻", 6, "ab…👍🏻", "ab👍🏻c…"),
        ("ab👍🏻cdefg👍🏻", 4, "ab…", "ab…"),
        ("🇩🇪🇫🇷🇮🇹", 5, "🇩🇪…🇮🇹", "🇩🇪🇫🇷…"),
        ("🇩🇪🇫🇷🇮🇹", 4, "🇩🇪…", "🇩🇪…"),
        (3 * "\u1112\u1161\u11ab", 6, "\u1112\u1161\u11ab…", "\u1112\u1161\u11ab…"),
    ],
)
def test_no_letter_is_split(text: str, limit: int, middle: str, end: str) -> None:
    assert in_the_middle(text, limit) == middle
    assert at_the_end(text, limit) == end


@given(text=TEXTS, limit=st.integers(1, 60))
def test_a_text_is_cut_to_its_limit_and_only_if_it_is_longer(text: str, limit: int) -> None:
    for shortened in (in_the_middle(text, limit), at_the_end(text, limit)):
        assert len(shortened) <= limit
        head, ellipsis, tail = shortened.partition("…")
        if len(text) <= limit:
            assert shortened == text
        elif "…" not in text:
            assert ellipsis
            assert text.startswith(head)
            assert text.endswith(tail)
            rest = text[len(head) :]
            assert not unicodedata.category(rest[0]).startswith("M") or not head
            assert not tail or not unicodedata.category(tail[0]).startswith("M")


def test_where_there_is_no_room_there_is_no_ellipsis() -> None:
    assert at_the_end("customer", 0) == ""


@given(st.text(st.sampled_from("abc_"), max_size=80), st.integers(1, 60))
def test_plain_letters_leave_no_room_unused(text: str, limit: int) -> None:
    assert len(in_the_middle(text, limit)) == len(at_the_end(text, limit)) == min(len(text), limit)


@given(st.text())
def test_a_line_is_printable_and_has_no_two_blanks_in_a_row(text: str) -> None:
    line = one_line(text)

    assert line.isprintable()
    assert line == " ".join(line.split())
