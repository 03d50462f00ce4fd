"""The environment, mapped to the options of the rooms; nothing else reads it."""

from worker.settings.all_settings import Settings, variables
from worker.settings.errors import ConfigurationError
from worker.settings.load import load_settings

__all__ = ["ConfigurationError", "Settings", "load_settings", "variables"]
