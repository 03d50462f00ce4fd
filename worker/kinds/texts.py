"""What a column of texts is."""

from collections.abc import Callable

from worker.kinds.column_kind import ColumnKind, Described
from worker.kinds.distinct_texts import Texts
from worker.kinds.facts import ENOUGH, NEARLY_ALL, Facts
from worker.kinds.formats import formatted
from worker.kinds.naming_texts import code, digits, iso_code, key, national_id, phone, postal_code

__all__ = ["describe_texts"]

_YES_AND_NO = (
    {b"y", b"n"},
    {b"yes", b"no"},
    {b"t", b"f"},
    {b"true", b"false"},
    {b"on", b"off"},
    {b"0", b"1"},
    {b"j", b"n"},
    {b"ja", b"nein"},
    {b"oui", b"non"},
    {b"si", b"no"},
)
_CLOSED = 0.05
"""Of further rows, show a new value: a list of the values seen is nearly closed."""
_ROWS_OF_EACH = 5
_LONGEST_CATEGORY = 60


def describe_texts(facts: Facts) -> Described:
    """Return what the texts are: the first of the kinds below that fits."""
    texts = Texts(facts)
    for kind in _KINDS:
        found = kind(texts)
        if found is not None:
            return found
    return Described(ColumnKind.FREE_TEXT, f"{facts.few}, of no common form")


def _constant(texts: Texts) -> Described | None:
    return texts.facts.constant


def _flag(texts: Texts) -> Described | None:
    two = {one.strip().lower() for one in texts.frequent[:2]}
    if texts.facts.usual <= len(two) and two in _YES_AND_NO:
        return Described(ColumnKind.FLAG, "two values that mean yes and no")
    return None


def _name_of_someone(texts: Texts) -> Described | None:
    """Return names of people and places without end: however few were seen, others will come."""
    word = texts.facts.name.of_someone
    if word is None:
        return None
    return Described(ColumnKind.FREE_TEXT, f"{texts.facts.named(word)}, so others will come")


def _category(texts: Texts) -> Described | None:
    facts = texts.facts
    if (
        facts.values >= max(ENOUGH, _ROWS_OF_EACH * facts.distinct)
        and facts.new_share <= _CLOSED
        and texts.share_of_length(0, _LONGEST_CATEGORY) >= NEARLY_ALL
    ):
        return Described(ColumnKind.CATEGORY, facts.few)
    return None


_KINDS: tuple[Callable[[Texts], Described | None], ...] = (
    _constant,
    _flag,
    iso_code,
    national_id,
    postal_code,
    phone,
    digits,
    formatted,
    key,
    _name_of_someone,
    code,
    _category,
)
