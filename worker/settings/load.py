"""Reads the settings out of an environment, and says all that is wrong with it at once."""

import os
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError

from worker.credentials.same_host import same_host
from worker.database.errors import DatabaseRefused
from worker.database.tls import unverified
from worker.options.values import duration_text
from worker.settings import errors
from worker.settings.all_settings import PREFIX, Settings, variables
from worker.settings.compose_options import database_options
from worker.settings.errors import ConfigurationError
from worker.telemetry.cures import Message, cures, with_cures

__all__ = ["load_settings", "source"]


def load_settings(
    environment: Mapping[str, str], given: Mapping[str, str | None] | None = None
) -> Settings:
    """Return the settings in `environment`, which has to be the process' own.

    `given` holds variables that count more than the environment and its files: what a command line
    says. None there silences one. Raises `ConfigurationError`, which names everything that is
    wrong.
    """
    given = given or {}
    problems = _unknown(environment)
    folder = environment.get("DQX_WORKER_SECRETS") or None
    if folder and not (Path(folder).is_dir() and os.access(folder, os.R_OK | os.X_OK)):
        missing = errors.no_secrets_folder(folder)
        raise with_cures(ConfigurationError(missing), [missing])
    problems += _missing(environment, given)
    try:
        settings = Settings(_secrets_dir=folder, **given)  # type: ignore[arg-type]
        if "PGUSER" not in given and source("token_user", environment)[1] == "default":
            # pydantic-settings passes the value of POSTGRES_USER on as that of PGUSER, the first
            # name of `user`, and `token_user` has that name, too.
            settings = settings.model_copy(update={"token_user": None})
        problems += _contradictions(settings, source("backend_schema", environment)[0])
        problems += _another_host(settings, environment, given.get("PGHOST"))
    except ValidationError as error:
        named = {name for name in environment if environment[name]} | set(given)
        problems += [
            _problem(detail, named)
            for detail in error.errors(include_input=False)
            # A default that depends on other settings: they are what is wrong.
            if detail["type"] != "default_factory_not_called"
        ]
    except SettingsError as error:
        # Only files can't be had once a variable is there; the cause says why, its text what was
        # in the file.
        problems.append(errors.secret_unreadable(str(folder), type(error.__cause__).__name__))
    if problems:
        raise with_cures(ConfigurationError("; ".join(problems)), problems)
    return settings


def source(field: str, environment: Mapping[str, str]) -> tuple[str, str]:
    """Return a setting's variable and the source of its value: environment, file or default."""
    names = variables(field)
    for name in names:
        if environment.get(name):
            return name, "environment"
    folder = environment.get("DQX_WORKER_SECRETS")
    for name in names:
        if folder and (Path(folder) / name).is_file():
            return name, "file"
    return names[0], "default"


def _missing(environment: Mapping[str, str], given: Mapping[str, str | None]) -> list[str]:
    """Return what only a token can do without."""

    def is_set(field: str) -> bool:
        for name in variables(field):
            if name in given:
                return given[name] is not None
        return source(field, environment)[1] != "default"

    if is_set("lakebase_endpoint") or is_set("lakebase_instance"):
        return []
    return [
        errors.not_set(" or ".join(variables(field)))
        for field in ("host", "user")
        if not is_set(field)
    ]


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


def _contradictions(settings: Settings, schema_variable: str) -> list[str]:
    problems = []
    if settings.backend_schema == settings.own_schema:
        problems.append(errors.same_schema(schema_variable, settings.own_schema))
    named = {settings.lakebase_endpoint, settings.lakebase_instance} - {None}
    if len(named) > 1:
        problems.append(errors.two_lakebases())
    if settings.host:
        try:
            unverified(database_options(settings), settings.host)
        except DatabaseRefused as error:
            problems.append(Message(str(error), *cures(error)))
    if settings.claim_delay >= settings.max_request_age:
        problems.append(
            errors.never_claimed(
                duration_text(settings.claim_delay), duration_text(settings.max_request_age)
            )
        )
    return problems


def _another_host(
    settings: Settings, environment: Mapping[str, str], given: str | None
) -> list[str]:
    """Return that a command line has a password sent to another host than the environment's.

    With a token the workspace is asked for the host; here the environment alone knows it.
    """
    variable, whence = source("host", environment)
    if given is None or settings.uses_token or not settings.password or whence != "environment":
        return []
    own = environment[variable]
    return [] if same_host(given, own) else [errors.another_host(given, variable, own)]


def _problem(detail: Any, named: Collection[str]) -> str:
    location = str(detail["loc"][0])
    names = next(
        (variables(field) for field in Settings.model_fields if location in variables(field)),
        [location],
    )
    if detail["type"] == "missing":
        return errors.not_set(" or ".join(names))
    variable = next((name for name in names if name in named), location)
    # Ours, if it is one of the messages of a room.
    raised = detail.get("ctx", {}).get("error")
    reason = raised.args[0] if isinstance(raised, ValueError) and raised.args else None
    if isinstance(reason, Message):
        return Message(errors.wrong_value(variable, reason), reason.cure)
    return errors.wrong_value(variable, detail["msg"].removeprefix("Value error, "))
