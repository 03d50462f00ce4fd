"""A message's cure: stated once, beside the function that makes the message, and kept with it.

docs/errors.md shows it beside the message, and so does `dqx-worker doctor`.
"""

import functools
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar, cast

__all__ = ["Message", "cure_of", "cures", "message", "with_cures"]

P = ParamSpec("P")
T = TypeVar("T", bound=str | Exception)
E = TypeVar("E", bound=Exception)

_NOTE = "Cure: "
_CURE = "cure"
_SEE_REASON = "that of the reason"


class Message(str):
    """The words of a message, with what cures it."""

    cure: str

    def __new__(cls, words: str, cure: str) -> "Message":
        """Return `words` with `cure` beside them."""
        made = super().__new__(cls, words)
        made.cure = cure
        return made

    def __reduce__(self) -> tuple[type["Message"], tuple[str, str]]:
        """Return how to copy it."""
        return Message, (str(self), self.cure)


def message(*, cure: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keep `cure` with what the decorated function returns: words, or an error.

    An error carries it as a note, which a traceback shows.
    """

    def decorated(make: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(make)
        def made(*args: P.args, **kwargs: P.kwargs) -> T:
            result = make(*args, **kwargs)
            if isinstance(result, Exception):
                result.add_note(_NOTE + cure)
                return result
            return cast("T", Message(result, cure))

        setattr(made, _CURE, cure)
        return made

    return decorated


def cure_of(make: Callable[..., object]) -> str | None:
    """Return the cure of the messages that a function makes; None if it makes none."""
    return getattr(make, _CURE, None)


def with_cures(error: E, messages: Iterable[str]) -> E:
    """Return `error`, which is made of `messages`, with what they carry of cures."""
    made = [one for one in messages if isinstance(one, Message)]
    for one in made:
        error.add_note(f"{_NOTE}{one.cure}" if len(made) == 1 else f"{_NOTE}{one}: {one.cure}")
    return error


def cures(error: BaseException | None) -> list[str]:
    """Return what cures `error`; of one that only passes on a reason, what cures the reason."""
    while error is not None:
        notes = [
            note.removeprefix(_NOTE)
            for note in getattr(error, "__notes__", ())
            if note.startswith(_NOTE) and not note.startswith(_NOTE + _SEE_REASON)
        ]
        if notes:
            return notes
        error = error.__cause__
    return []
