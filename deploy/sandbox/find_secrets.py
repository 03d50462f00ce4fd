"""Looks for secrets in whatever was written."""

from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import quote

__all__ = ["leaked"]

# What a truncated log line may leave of a token without being of use to anyone.
_PIECE = 16


def leaked(secrets: Iterable[str], written: bytes) -> list[str]:
    """Return which of `secrets` are in `written`: whole, in part, in Base64 or in a URL.

    Part of a long secret is any 16 characters of it; what all tokens begin with is not looked
    for. They are returned cut short, so that they can be shown.
    """
    text = written.decode("utf-8", "replace")
    return [f"{secret[:4]}…" for secret in secrets if any(one in text for one in _forms(secret))]


def _forms(secret: str) -> Iterable[str]:
    yield secret
    yield quote(secret, safe="")
    yield b64encode(secret.encode()).decode().rstrip("=")
    # A JWT's head is the same for all; the rest is the secret.
    body = secret.rpartition(".")[2]
    for start in range(len(body) - _PIECE + 1):
        yield body[start : start + _PIECE]
