"""Settings out of an environment that a test has filled."""

import os

import pytest

from worker.settings import ConfigurationError, Settings, load_settings

NEEDED = {"POSTGRES_HOST": "db", "POSTGRES_DB": "ontos", "POSTGRES_USER": "worker"}


def loaded(environment: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        environment.setenv(name, value)
    return load_settings(os.environ)


def problems(environment: pytest.MonkeyPatch, **variables: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        loaded(environment, **variables)
    return str(caught.value).split("; ")
