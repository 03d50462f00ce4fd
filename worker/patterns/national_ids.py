"""National ids that DQX knows: the same texts as its own patterns, which Arrow can't read."""

from collections.abc import Mapping

__all__ = ["NATIONAL_IDS"]

_AREA = "(00[1-9]|0[1-9][0-9]|[1-578][0-9]{2}|6([0-57-9][0-9]|6[0-57-9]))"
_GROUP = "(0[1-9]|[1-9][0-9])"
_SERIAL = "(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})"
_PAIRS = (
    "([ACEHJLMOPRSWXY][A-CEGHJ-NPR-TW-Z]|B[A-CEHJ-NPR-TW-Z]|G[ACEGHJ-NPR-TW-Z]"
    "|[KT][A-CEGHJ-MPR-TW-Z]|N[A-CEGHJL-NPRSW-Z]|Z[A-CEGHJ-NPR-TW-Y])"
)
"""The two letters before a British number."""
NATIONAL_IDS: Mapping[str, tuple[str, str]] = {
    "US": (
        "a social security number of the US",
        rf"\A({'|'.join(f'{_AREA}{apart}{_GROUP}{apart}{_SERIAL}' for apart in ('-', ' ', ''))})\z",
    ),
    "GB": (
        "a national insurance number of the UK",
        rf"\A{_PAIRS} ?[0-9]{{2}} ?[0-9]{{2}} ?[0-9]{{2}} ?[A-D]\z",
    ),
    "IN": ("a PAN of India", r"\A[A-Z]{3}[ABCFGHJLPT][A-Z][0-9]{4}[A-Z]\z"),
}
"""In words, and the pattern, by country."""
