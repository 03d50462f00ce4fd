"""Characters that a readable text does not have, as a pattern lists them between brackets."""

__all__ = ["GARBLED", "UNREADABLE"]

UNREADABLE = r"\x{00}-\x{1F}\x{7F}-\x{9F}\x{FFFD}"
"""Control characters, line breaks among them, and the mark of a character that was lost."""
GARBLED = r"\x{C2}\x{C3}"
"""Capital A with circumflex or tilde, which appear if UTF-8 is read as Latin-1."""
