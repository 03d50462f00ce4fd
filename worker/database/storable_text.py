"""Text that Postgres can store."""

__all__ = ["storable"]


def storable(text: str) -> str:
    """Return `text` with a replacement character for each NUL and each lone surrogate."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
