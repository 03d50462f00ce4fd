"""Variables of one setting that are both set and differ: the one that counts, and the other."""

from collections.abc import Collection, Mapping
from pathlib import Path

from worker.settings.all_settings import Settings, variables
from worker.settings.load import source
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["log_overruled", "overruled_variables"]

log = get_logger(__name__)

_OF_A_PASSWORD = ("user", "password")
"""Not used with a token, by whatever variable they are set."""


def overruled_variables(
    settings: Settings, environment: Mapping[str, str], given: Collection[str] = ()
) -> dict[str, str]:
    """Return each variable that does not count, with the one that counts in its place.

    `given` are the variables that a command line overrides: neither of their names counts.
    """
    found = {}
    for field in Settings.model_fields:
        names = variables(field)
        if not set(names).isdisjoint(given) or (settings.uses_token and field in _OF_A_PASSWORD):
            continue
        used, _ = source(field, environment)
        value = _value(used, environment)
        for name in names:
            if _value(name, environment) not in ("", value):
                found[name] = used
    return found


def log_overruled(
    settings: Settings, environment: Mapping[str, str], given: Collection[str] = ()
) -> None:
    """Log the names of these variables, if there are any; never a value."""
    if found := overruled_variables(settings, environment, given):
        log.warning(Event.SETTING_OVERRULED, used=[*found.values()], ignored=[*found])


def _value(name: str, environment: Mapping[str, str]) -> str:
    """Return what a variable holds in the environment, else in its file; "" if it is not set.

    What surrounds a value is left out, as it is where the value is used.
    """
    if value := environment.get(name):
        return value.strip()
    folder = environment.get("DQX_WORKER_SECRETS")
    file = Path(folder) / name if folder else None
    return file.read_text("utf-8").strip() if file and file.is_file() else ""
