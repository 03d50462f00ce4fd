"""Texts that name a thing: keys, account numbers, phone numbers, national ids, postal codes."""

from worker.kinds import iso_codes
from worker.kinds.column_kind import ColumnKind, Described
from worker.kinds.distinct_texts import Texts
from worker.kinds.facts import NEARLY_ALL, Facts
from worker.kinds.names import (
    AGES,
    COUNTRIES,
    CURRENCIES,
    LANGUAGES,
    MEASURED,
    NATIONAL_IDS,
    PHONES,
    POSTAL_CODES,
)

__all__ = ["code", "digits", "iso_code", "key", "national_id", "phone", "postal_code"]

_MOST = 0.9
_FEW = 30
_ISO = (
    (iso_codes.COUNTRIES_2, COUNTRIES, "countries", 8),
    (iso_codes.COUNTRIES_3, COUNTRIES, "countries", 3),
    (iso_codes.CURRENCIES, CURRENCIES, "currencies", 3),
    (iso_codes.LANGUAGES, LANGUAGES, "languages", 12),
)
"""Codes, words of a name, what they stand for, and how many are known without the name."""
_POSTAL = r"(?i)^[a-z]{0,3}[- ]?[a-z0-9]*\d[a-z0-9]*([- ][a-z0-9]{2,4})?$"
_POSTAL_LENGTH = (3, 10)
_PHONE = r"^(\+|00)?[(]?\d[\d ()./-]{5,18}\d$"
_CERTAIN_PHONE = (
    r"^(\+\d[\d ()./-]{6,18}\d|\(\d{2,5}\)[\d ./-]{5,12}|(\d{1,4}[-. /]){1,3}\d{3,4}[-. /]\d{4})$"
)
_NATIONAL = (
    (r"^\d{3}-\d{2}-\d{4}$", "the US"),
    (r"^[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]$", "the UK"),
    (r"^[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]$", "India"),
    (r"^\d{3} ?\d{2} ?\d{4}$", "the US"),
)
"""Forms of national ids, and whose; the last one is known by name alone."""
_BEGINNINGS = 20
_DIGITS = r"^\d+$"
_VERSION = r"^v?\d+\.\d+(\.\d+)+\S*$"
_ONE_WORD = r"^\S+$"
_WITH_DIGIT = r"^\S*\d\S*$"
_CAPITALS = r"^[A-Z0-9._/#-]{2,12}$"
_DIGITS_OF_A_CODE = 1 / 3


def iso_code(texts: Texts) -> Described | None:
    """Return an ISO code, if the texts are and there are many, or the name says of what."""
    facts = texts.facts
    if texts.share_of_length(2, 3) < _MOST:
        return None
    for codes, words, things, enough in _ISO:
        share = texts.share_in(codes)
        word = facts.name.hint(words)
        if share >= _MOST and (word or facts.usual >= enough):
            because = facts.named(word) if word else facts.few
            return Described(
                ColumnKind.ISO_CODE,
                f"{share:.0%} of the texts are ISO codes of {things}; {because}",
            )
    return None


def postal_code(texts: Texts) -> Described | None:
    """Return a postal code, which only the name knows from any other code."""
    facts = texts.facts
    word = facts.name.hint(POSTAL_CODES)
    short = word and texts.share_of_length(*_POSTAL_LENGTH) >= _MOST
    if word and short and texts.share_like(_POSTAL) >= _MOST:
        return Described(
            ColumnKind.POSTAL_CODE, f"short codes with digits, and {facts.named(word)}"
        )
    return None


def national_id(texts: Texts) -> Described | None:
    """Return a national id: by its form and name, or by its form alone if the beginnings differ."""
    facts = texts.facts
    word = facts.name.hint(NATIONAL_IDS)
    differ = len({one[:3] for one in texts.frequent}) >= _BEGINNINGS
    for form, whose in _NATIONAL if word else _NATIONAL[:-1]:
        if (word or differ) and texts.share_like(form) >= _MOST:
            also = f"; {facts.named(word)}" if word else ""
            return Described(
                ColumnKind.NATIONAL_ID, f"the texts have the form of national ids of {whose}{also}"
            )
    return None


def phone(texts: Texts) -> Described | None:
    """Return a phone number, by its form; plain digits need the name, too."""
    facts = texts.facts
    word = facts.name.hint(PHONES)
    if word and texts.share_like(_PHONE) >= _MOST:
        return Described(ColumnKind.PHONE, f"digits in groups, and {facts.named(word)}")
    if texts.share_like(_CERTAIN_PHONE) >= _MOST:
        return Described(ColumnKind.PHONE, "digits in groups, as those of phone numbers")
    return None


def digits(texts: Texts) -> Described | None:
    """Return a key or a code of digits alone, which is no number."""
    facts = texts.facts
    word = facts.name.names_a_thing
    measured = facts.name.hint(MEASURED) or AGES.intersection(facts.name.words)
    alike = texts.one_length and texts.typical_length > 1 and not measured
    if not (word or alike) or texts.share_like(_DIGITS) < _MOST:
        return None
    return _named(facts, facts.named(word) if word else "all have as many digits")


def key(texts: Texts) -> Described | None:
    """Return a key, if all differ and each is a single word that reads as a code."""
    facts = texts.facts
    if not facts.all_differ or texts.share_like(_ONE_WORD) < NEARLY_ALL:
        return None
    word = facts.name.names_a_thing
    if word:
        return _named(facts, facts.named(word))
    if texts.share_like(_WITH_DIGIT) >= _MOST or texts.share_like(_CAPITALS) >= _MOST:
        return _named(facts, "all read as codes")
    return None


def code(texts: Texts) -> Described | None:
    """Return a code: single words with many digits, or many in capitals or by name."""
    facts = texts.facts
    if texts.share_like(_ONE_WORD) < _MOST:
        return None
    if texts.share_like(_VERSION) >= _MOST:
        return _named(facts, "all read as versions")
    word = facts.name.names_a_thing
    with_digits = _share_of_digits(texts.frequent) >= _DIGITS_OF_A_CODE
    if with_digits and (word or facts.usual > _FEW):
        return _named(facts, "single words, a third or more of them digits")
    if facts.usual > _FEW and texts.share_like(_CAPITALS) >= _MOST:
        return _named(facts, f"{facts.distinct:,} different short texts in capitals")
    if word and facts.usual > _FEW:
        return _named(facts, f"single words, and {facts.named(word)}")
    return None


def _named(facts: Facts, reason: str) -> Described:
    if facts.all_differ:
        return Described(ColumnKind.KEY, f"{facts.differ} and {reason}")
    return Described(ColumnKind.CODE, reason)


def _share_of_digits(texts: list[bytes]) -> float:
    together = b"".join(texts)
    return sum(together.count(digit) for digit in range(48, 58)) / max(1, len(together))
