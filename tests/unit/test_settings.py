import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from worker.settings import ConfigurationError, Settings, load_settings

HIDDEN = "hunter2"
NEEDED = {"POSTGRES_HOST": "db", "POSTGRES_DB": "ontos", "POSTGRES_USER": "worker"}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment with the three settings that have no default, and no other."""
    for name in os.environ:
        if name.startswith(("POSTGRES_", "PG", "DQX_", "DATABRICKS_")):
            monkeypatch.delenv(name)
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def loaded(environment: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        environment.setenv(name, value)
    return load_settings(os.environ)


def problems(environment: pytest.MonkeyPatch, **variables: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        loaded(environment, **variables)
    return str(caught.value).split("; ")


def test_three_settings_are_enough(environment: pytest.MonkeyPatch) -> None:
    settings = loaded(environment)

    assert (settings.host, settings.database, settings.user) == ("db", "ontos", "worker")
    assert (settings.port, settings.tables, settings.roots) == (5432, ("*",), ())
    assert settings.password.get_secret_value() == ""


def test_every_problem_is_told_at_once(environment: pytest.MonkeyPatch) -> None:
    for name in NEEDED:
        environment.delenv(name)

    told = problems(
        environment, DQX_WORKER_SLOTS="0", DQX_WORKER_LEASE="15", PGSSLMODE="maybe", DQX_WORKER_X=""
    )

    assert sorted(line.split(":")[0].split(" ")[0] for line in told) == [
        *("DQX_WORKER_LEASE", "DQX_WORKER_SLOTS", "DQX_WORKER_X", "PGSSLMODE"),
        *("POSTGRES_DB", "POSTGRES_HOST", "POSTGRES_USER"),
    ]
    assert "POSTGRES_HOST or PGHOST is not set" in told


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [
        *(("SLOT", "SLOTS"), ("TABELS", "TABLES"), ("POOLSIZE", "POOL_SIZE")),
        *(("MAX_AGE", "MAX_REQUEST_AGE"), ("lease", "LEASE")),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(
    environment: pytest.MonkeyPatch, wrong: str, nearest: str
) -> None:
    (told,) = problems(environment, **{f"DQX_WORKER_{wrong}": "3"})

    assert told.endswith(f"_{wrong} is not a setting (did you mean DQX_WORKER_{nearest}?)")


def test_a_name_like_no_other_gets_no_hint(environment: pytest.MonkeyPatch) -> None:
    assert problems(environment, DQX_WORKER_XYZZY="1") == ["DQX_WORKER_XYZZY is not a setting"]


def test_names_of_others_are_none_of_our_business(environment: pytest.MonkeyPatch) -> None:
    assert loaded(environment, DQX_OTHER="1", PGX="1", dqx_worker_slots="0") == loaded(environment)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("15s", 15), ("500ms", 0.5), ("1.5h", 5400), ("2m", 120), ("1d", 86400), (" 3 s ", 3)],
)
def test_a_duration_is_a_number_with_a_unit(
    environment: pytest.MonkeyPatch, text: str, seconds: float
) -> None:
    assert loaded(environment, DQX_WORKER_CLAIM_DELAY=text).claim_delay.total_seconds() == seconds


@pytest.mark.parametrize("text", ["15", "s", "-1s", "1 hour", "1h30m", "1e3s", "P1D", "00:15"])
def test_what_is_no_duration_is_told_with_an_example(
    environment: pytest.MonkeyPatch, text: str
) -> None:
    expected = "DQX_WORKER_LEASE: a duration is a number with ms, s, m, h or d, such as 15s"

    assert problems(environment, DQX_WORKER_LEASE=text) == [expected]


@pytest.mark.parametrize(
    "assignment",
    [
        *("DQX_WORKER_LEASE=1s", "DQX_WORKER_GRACE=5s", "DQX_WORKER_LEASE=999999999999d"),
        *("DQX_WORKER_SLOTS=two", "DQX_WORKER_SLOTS=65", "DQX_WORKER_MIGRATE=maybe"),
        *("DQX_WORKER_SAMPLE_FRACTION=0", "DQX_WORKER_SAMPLE_FRACTION=nan"),
        *("DQX_WORKER_SPARK_MEMORY=2", "DQX_WORKER_ENGINE=spark", "PGSSLMODE=on"),
        *("POSTGRES_PORT=x", "POSTGRES_PORT=65536", "PGPORT=x", "PGPORT=0"),
    ],
)
def test_a_wrong_value_is_told_by_the_variable_that_holds_it(
    environment: pytest.MonkeyPatch, assignment: str
) -> None:
    variable, value = assignment.split("=")

    (told,) = problems(environment, **{variable: value})

    assert told.startswith(f"{variable}: ")


@pytest.mark.parametrize("field", ["host", "user", "password"])
def test_the_name_of_the_backend_counts_before_that_of_the_platform(
    environment: pytest.MonkeyPatch, field: str
) -> None:
    backend, platform = f"POSTGRES_{field.upper()}", f"PG{field.upper()}"

    both = loaded(environment, **{backend: "first", platform: "second"}).model_dump()[field]
    emptied = loaded(environment, **{backend: ""}).model_dump()[field]

    assert (both, emptied) in {("first", "second"), (SecretStr("first"), SecretStr("second"))}


def test_the_names_of_the_platform_are_enough(environment: pytest.MonkeyPatch) -> None:
    for name in NEEDED:
        environment.delenv(name)

    settings = loaded(environment, PGHOST="h", PGDATABASE="d", PGUSER="u", PGPORT="1")

    assert (settings.host, settings.database, settings.user, settings.port) == ("h", "d", "u", 1)


def test_lists_are_split_and_blanks_dropped(environment: pytest.MonkeyPatch) -> None:
    settings = loaded(
        environment, DQX_WORKER_TABLES=" main.*.a, ,b ,", DQX_WORKER_ROOTS=f"/a{os.pathsep * 2}/b c"
    )

    assert settings.tables == ("main.*.a", "b")
    assert settings.roots == (Path("/a"), Path("/b c"))


def test_the_password_is_shown_nowhere(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("POSTGRES_PASSWORD", HIDDEN)

    settings = loaded(environment)
    shown = [settings, settings.worker_options(), settings.password_source()]
    told = problems(environment, DQX_WORKER_SLOTS="0")

    assert settings.password.get_secret_value() == HIDDEN
    assert HIDDEN not in repr(shown) + "".join(map(str, shown)) + "".join(told)
