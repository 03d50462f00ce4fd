"""Variables of a login that begin or end with a blank or a line break, which is left out."""

from collections.abc import Mapping

from worker.settings.all_settings import variables
from worker.telemetry.events import Event
from worker.telemetry.logs import get_logger

__all__ = ["log_trimmed", "trimmed_variables"]

log = get_logger(__name__)

_OF_A_LOGIN = (
    *("user", "password", "remote"),
    *("databricks_client_id", "databricks_client_secret", "databricks_token"),
)
_OF_THE_SDK = (
    *("DATABRICKS_USERNAME", "DATABRICKS_PASSWORD", "DATABRICKS_METADATA_SERVICE_URL"),
    *("ARM_CLIENT_ID", "ARM_CLIENT_SECRET", "GOOGLE_CREDENTIALS"),
)
"""It reads these by itself; its config leaves out the same (worker/workspace/sdk_config.py)."""


def trimmed_variables(environment: Mapping[str, str]) -> list[str]:
    """Return the variables whose values are used without what surrounds them.

    A file of DQX_WORKER_SECRETS is read in the same way, and ends with a line break by right.
    """
    own = [name for field in _OF_A_LOGIN for name in variables(field)]
    return [
        name
        for name in (*own, *_OF_THE_SDK)
        if (value := environment.get(name, "")) != value.strip()
    ]


def log_trimmed(environment: Mapping[str, str]) -> None:
    """Log the names of these variables, never a value."""
    for name in trimmed_variables(environment):
        log.warning(Event.SETTING_TRIMMED, variable=name)
