"""Reads the settings out of an environment, and says all that is wrong with it at once."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from worker.settings import errors
from worker.settings.errors import ConfigurationError
from worker.settings.settings import PREFIX, Settings, variables
from worker.settings.values import told

__all__ = ["load_settings"]


def load_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings in `environment`, which has to be the process' own.

    Raises `ConfigurationError`, which tells of everything that is wrong at once.
    """
    problems = _unknown(environment)
    try:
        settings = Settings()
        problems += _contradictions(settings)
    except ValidationError as error:
        problems += [_problem(detail, environment) for detail in error.errors(include_input=False)]
    if problems:
        raise ConfigurationError("; ".join(problems))
    return settings


def _unknown(environment: Mapping[str, str]) -> list[str]:
    known = [
        name
        for field in Settings.model_fields
        for name in variables(field)
        if name.startswith(PREFIX)
    ]
    problems = []
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known:
            own = name.removeprefix(PREFIX).upper()
            near = get_close_matches(own, [one.removeprefix(PREFIX) for one in known], n=1)
            problems.append(
                errors.misspelt_variable(name, PREFIX + near[0])
                if near
                else errors.unknown_variable(name)
            )
    return problems


def _contradictions(settings: Settings) -> list[str]:
    problems = []
    if settings.backend_schema == settings.own_schema:
        problems.append(errors.same_schema(settings.own_schema))
    if settings.claim_delay >= settings.max_request_age:
        problems.append(
            errors.never_claimed(told(settings.claim_delay), told(settings.max_request_age))
        )
    return problems


def _problem(detail: Any, environment: Mapping[str, str]) -> str:
    location = str(detail["loc"][0])
    names = next(
        (variables(field) for field in Settings.model_fields if location in variables(field)),
        [location],
    )
    if detail["type"] == "missing":
        return errors.not_set(" or ".join(names))
    named = next((name for name in names if environment.get(name)), location)
    return errors.wrong_value(named, detail["msg"].removeprefix("Value error, "))
