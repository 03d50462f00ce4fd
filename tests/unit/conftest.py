import os

import pytest

from tests.unit.environment import NEEDED


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment with the three settings that have no default, and no other."""
    for name in list(os.environ):
        if name.startswith(("POSTGRES_", "PG", "DQX_", "DATABRICKS_")):
            monkeypatch.delenv(name)
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    return monkeypatch
