"""A command whose `--help` describes its arguments, with every supported version of click."""

import inspect
from collections.abc import Callable, Sequence
from typing import Annotated, Any, get_args, get_origin

import click
from typer.core import TyperArgument, TyperCommand
from typer.models import ArgumentInfo

__all__ = ["Command"]


class Command(TyperCommand):
    """Restores the descriptions of arguments, which Typer 0.25 loses with click 8.5.

    Since 8.5 click has a `help` of its own for arguments. Its constructor runs after Typer has
    stored the description, and replaces it with None.
    """

    def __init__(
        self,
        name: str | None,
        *,
        callback: Callable[..., Any] | None = None,
        params: list[click.Parameter] | None = None,
        **more: Any,
    ) -> None:
        for parameter in params or ():
            if isinstance(parameter, TyperArgument) and parameter.help is None:
                parameter.help = _description(callback, parameter.name)
        super().__init__(name, callback=callback, params=params, **more)


def _description(callback: Callable[..., Any] | None, name: str | None) -> str | None:
    """Return the description of an argument, from the annotation of the command's function."""
    if callback is None or name is None:
        return None
    for one in _metadata(inspect.signature(callback, eval_str=True).parameters[name].annotation):
        if isinstance(one, ArgumentInfo):
            return one.help
    return None


def _metadata(annotation: Any) -> Sequence[Any]:
    return get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
