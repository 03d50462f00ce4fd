"""Durations as people read them."""

from datetime import timedelta

__all__ = ["duration", "duration_if_known"]

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def duration(value: timedelta) -> str:
    """Return `value` in its two largest units, such as 1 h 5 min; less than a second is 0 s."""
    left = max(0, int(value.total_seconds()))
    parts: list[tuple[int, str]] = []
    for unit, seconds in _UNITS:
        whole, left = divmod(left, seconds)
        if whole or parts:
            parts.append((whole, unit))
    return " ".join(f"{whole} {unit}" for whole, unit in parts[:2] if whole) or "0 s"


def duration_if_known(value: timedelta | None, unknown: str = "") -> str:
    """Return `value` as `duration` does, or `unknown` without one."""
    return unknown if value is None else duration(value)
