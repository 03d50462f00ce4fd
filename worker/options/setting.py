"""A setting, said where its option is: its variables, its meaning and its bounds."""

from typing import Any

from pydantic import AliasChoices, Field

__all__ = ["setting"]


def setting(variables: str | tuple[str, ...], meaning: str, **bounds: Any) -> Any:
    """Return the setting of an option, for its annotation; the option's default is the setting's.

    Of several variables the first that is set counts. `bounds` are pydantic's: `gt`, `le` and
    others, or the `default_factory` of a default that depends on other settings.
    """
    names = (variables,) if isinstance(variables, str) else variables
    return Field(validation_alias=AliasChoices(*names), description=meaning, **bounds)
