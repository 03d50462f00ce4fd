"""Checks that are not suggested, each with the reason."""

__all__ = ["HeldBack", "hold_back"]

HeldBack = dict[str, str]
"""The reason, by DQX's name of the check; of several checks of one name the second is `name (2)`.

DQX's own name holds no value of a cell; a rule does, which personal columns must not publish.
"""

# Characters; a column's name may be as long as its writer likes.
_MAX_NAME = 600


def hold_back(held_back: HeldBack, name: str, reason: str) -> None:
    """Add a check to those that are held back; it never replaces another one."""
    key = name = name[:_MAX_NAME]
    number = 1
    while key in held_back:
        number += 1
        key = f"{name} ({number})"
    held_back[key] = reason
