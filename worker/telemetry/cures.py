"""A message's cure: said once, in the docstring of the function that makes it, and kept with it.

docs/errors.md shows it beside the message, and so does `dqx-worker doctor`.
"""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar, cast

__all__ = ["Message", "cures", "message", "with_cures"]

P = ParamSpec("P")
T = TypeVar("T", bound=str | Exception)
E = TypeVar("E", bound=Exception)

_NOTE = "Cure: "
_SEE_REASON = "that of the reason"


class Message(str):
    """The words of a message, with what cures it."""

    cure: str

    def __new__(cls, words: str, cure: str) -> "Message":
        """Return `words` with `cure` beside them."""
        made = super().__new__(cls, words)
        made.cure = cure
        return made


def message(make: Callable[P, T]) -> Callable[P, T]:
    """Keep the cure of `make`'s docstring with what `make` returns: words, or an error.

    An error carries it as a note, which a traceback shows.
    """
    cure = " ".join((inspect.getdoc(make) or "").partition(_NOTE)[2].split())

    @functools.wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> T:
        told = make(*args, **kwargs)
        if isinstance(told, Exception):
            told.add_note(_NOTE + cure)
            return told
        return cast("T", Message(told, cure))

    return made


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
