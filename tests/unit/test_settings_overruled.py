"""Each setting of Postgres has two names: which one counts, and what is logged of the other."""

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.unit.environment import NEEDED, loaded
from worker.settings import load_settings
from worker.settings.overruled_variables import log_overruled, overruled_variables
from worker.telemetry.logs import LogFormat, configure_logs

PAIRS = [
    ("PGHOST", "POSTGRES_HOST", "host"),
    ("PGPORT", "POSTGRES_PORT", "port"),
    ("PGDATABASE", "POSTGRES_DB", "database"),
    ("PGSCHEMA", "POSTGRES_DB_SCHEMA", "backend_schema"),
    ("PGUSER", "POSTGRES_USER", "user"),
    ("PGPASSWORD", "POSTGRES_PASSWORD", "password"),
]
FIRST, SECOND = "7001", "7002"


@pytest.fixture
def unset(environment: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The same environment without the three that are needed, under either name."""
    for name in NEEDED:
        environment.delenv(name)
    return environment


def plain(value: Any) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


@pytest.mark.parametrize(("preferred", "other", "field"), PAIRS)
def test_the_name_that_the_backend_prefers_counts(
    environment: pytest.MonkeyPatch, preferred: str, other: str, field: str
) -> None:
    both = loaded(environment, **{preferred: FIRST, other: SECOND})
    assert plain(getattr(both, field)) == FIRST
    assert overruled_variables(both, os.environ) == {other: preferred}

    emptied = loaded(environment, **{preferred: ""})
    assert plain(getattr(emptied, field)) == SECOND
    assert overruled_variables(emptied, os.environ) == {}


@pytest.mark.parametrize(("preferred", "other", "field"), PAIRS)
def test_what_a_command_line_gives_counts_more_than_either(
    environment: pytest.MonkeyPatch, preferred: str, other: str, field: str
) -> None:
    environment.setenv(preferred, FIRST)
    environment.setenv(other, SECOND)

    settings = load_settings(os.environ, {preferred: "7003"})

    assert plain(getattr(settings, field)) == "7003"
    assert overruled_variables(settings, os.environ, {preferred}) == {}


def test_two_names_that_agree_are_no_contradiction(environment: pytest.MonkeyPatch) -> None:
    settings = loaded(environment, **{name: FIRST for pair in PAIRS for name in pair[:2]})
    assert overruled_variables(settings, os.environ) == {}


def test_the_environment_counts_more_than_a_file_and_a_file_is_compared(
    unset: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "PGHOST").write_text("of.file\n")
    (tmp_path / "POSTGRES_DB").write_text("ontos\n")
    (tmp_path / "PGUSER").write_text("worker\n")
    (tmp_path / "POSTGRES_USER").write_text("another\n")

    settings = loaded(
        unset, DQX_WORKER_SECRETS=str(tmp_path), POSTGRES_HOST="of.environment", PGDATABASE="ontos"
    )

    assert (settings.host, settings.user) == ("of.environment", "worker")
    assert overruled_variables(settings, os.environ) == {
        "PGHOST": "POSTGRES_HOST",
        "POSTGRES_USER": "PGUSER",
    }


def test_with_a_token_no_name_of_a_password_is_compared(environment: pytest.MonkeyPatch) -> None:
    settings = loaded(
        environment,
        LAKEBASE_INSTANCE_NAME="ontos",
        **dict.fromkeys(("PGUSER", "PGPASSWORD", "PGHOST"), FIRST),
        **dict.fromkeys(("POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_HOST"), SECOND),
    )
    assert overruled_variables(settings, os.environ) == {"POSTGRES_HOST": "PGHOST"}


@pytest.fixture
def _restored_logs() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers, root.level = before


@pytest.mark.usefixtures("_restored_logs")
def test_one_line_names_the_variables_and_no_value(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs(LogFormat.JSON, tracebacks=False)
    agreeing = loaded(environment)
    log_overruled(agreeing, os.environ)
    assert capsys.readouterr().err == ""

    for preferred, other, _ in PAIRS:
        environment.setenv(preferred, FIRST)
        environment.setenv(other, SECOND)
    log_overruled(loaded(environment), os.environ)

    (line,) = capsys.readouterr().err.splitlines()
    event = json.loads(line)
    assert (event["event"], event["level"]) == ("setting.overruled", "warning")
    assert (event["used"], event["ignored"]) == (
        [preferred for preferred, _, _ in PAIRS],
        [other for _, other, _ in PAIRS],
    )
    assert FIRST not in line
    assert SECOND not in line
