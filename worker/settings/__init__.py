"""The environment, mapped to the options of the rooms; nothing else reads it."""

from worker.settings.errors import ConfigurationError
from worker.settings.load import load_settings
from worker.settings.settings import Settings, variables

__all__ = ["ConfigurationError", "Settings", "load_settings", "variables"]
