from pathlib import Path

import pytest

from tests.unit.environment import NEEDED, loaded, problems
from worker.settings.compose_options import (
    credential_options,
    ignored_variables,
    worker_options,
    workspace_options,
)

HIDDEN = "hunter2"


def test_three_settings_are_enough(environment: pytest.MonkeyPatch) -> None:
    settings = loaded(environment)

    assert (settings.host, settings.database, settings.user) == ("db", "ontos", "worker")
    assert (settings.port, settings.tables, settings.roots) == (5432, ("*",), ())
    assert settings.password.get_secret_value() == ""


def test_every_problem_is_reported_at_once(environment: pytest.MonkeyPatch) -> None:
    for name in NEEDED:
        environment.delenv(name)

    reported = problems(
        environment, DQX_WORKER_SLOTS="0", DQX_WORKER_LEASE="15", PGSSLMODE="maybe", DQX_WORKER_X=""
    )

    assert sorted(line.split(":")[0].split(" ")[0] for line in reported) == [
        *("DQX_WORKER_LEASE", "DQX_WORKER_SLOTS", "DQX_WORKER_X", "PGDATABASE", "PGHOST"),
        *("PGSSLMODE", "PGUSER"),
    ]
    assert "PGHOST or POSTGRES_HOST is not set" in reported


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
    (reported,) = problems(environment, **{f"DQX_WORKER_{wrong}": "3"})

    assert reported.endswith(f"_{wrong} is not a setting (did you mean DQX_WORKER_{nearest}?)")


def test_a_name_like_no_other_gets_no_hint(environment: pytest.MonkeyPatch) -> None:
    assert problems(environment, DQX_WORKER_XYZZY="1") == ["DQX_WORKER_XYZZY is not a setting"]


def test_names_of_others_are_none_of_our_business(environment: pytest.MonkeyPatch) -> None:
    before = loaded(environment)

    assert loaded(environment, DQX_OTHER="1", PGX="1", dqx_worker_slots="0") == before


def test_the_names_of_the_platform_are_enough(environment: pytest.MonkeyPatch) -> None:
    for name in NEEDED:
        environment.delenv(name)

    settings = loaded(environment, PGHOST="h", PGDATABASE="d", PGUSER="u", PGPORT="1")

    assert (settings.host, settings.database, settings.user, settings.port) == ("h", "d", "u", 1)


@pytest.mark.parametrize("variable", ["DATABRICKS_HOST", "DATABRICKS_CONFIG_PROFILE"])
def test_there_is_a_workspace_where_a_variable_names_one(
    environment: pytest.MonkeyPatch, variable: str
) -> None:
    assert not workspace_options(loaded(environment)).configured
    assert workspace_options(loaded(environment, **{variable: "x"})).configured


def test_no_two_workers_have_one_name(environment: pytest.MonkeyPatch) -> None:
    settings = loaded(environment)

    assert worker_options(settings).queue.worker != worker_options(settings).queue.worker


def test_the_password_is_shown_nowhere(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("POSTGRES_PASSWORD", HIDDEN)

    settings = loaded(environment)
    shown = [settings, worker_options(settings), credential_options(settings)]
    reported = problems(environment, DQX_WORKER_SLOTS="0")

    assert settings.password.get_secret_value() == HIDDEN
    assert HIDDEN not in repr(shown) + "".join(map(str, shown)) + "".join(reported)


@pytest.mark.parametrize("variable", ["LAKEBASE_ENDPOINT", "LAKEBASE_INSTANCE_NAME"])
def test_with_a_token_neither_host_nor_user_is_needed(
    environment: pytest.MonkeyPatch, variable: str
) -> None:
    for name in ("POSTGRES_HOST", "POSTGRES_USER"):
        environment.delenv(name)
    value = "projects/p/branches/b/endpoints/e" if variable == "LAKEBASE_ENDPOINT" else "ontos"

    options = credential_options(loaded(environment, **{variable: value}))

    assert (options.user, options.host) == (None, None)


def test_with_a_token_the_platforms_user_counts_and_the_backends_is_ignored(
    environment: pytest.MonkeyPatch,
) -> None:
    settings = loaded(environment, LAKEBASE_INSTANCE_NAME="ontos", POSTGRES_USER="old")
    assert credential_options(settings).user is None
    settings = loaded(environment, PGUSER="identity")
    assert credential_options(settings).user == "identity"
    assert ignored_variables(settings) == ["POSTGRES_USER"]


def test_which_database_may_be_set_in_a_file_too(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("POSTGRES_HOST", "POSTGRES_USER"):
        environment.delenv(name)
    (tmp_path / "LAKEBASE_INSTANCE_NAME").write_text("ontos\n")

    settings = loaded(environment, DQX_WORKER_SECRETS=str(tmp_path))

    assert credential_options(settings).instance == "ontos"


@pytest.mark.parametrize(
    ("variables", "idle"),
    [({}, False), ({"DQX_WORKER_IDLE": "sleep"}, True), ({"DQX_WORKER_IDLE": "poll"}, False)],
)
def test_a_worker_polls_unless_it_is_to_sleep(
    environment: pytest.MonkeyPatch, variables: dict[str, str], *, idle: bool
) -> None:
    assert (worker_options(loaded(environment, **variables)).idle == "sleep") is idle


@pytest.mark.parametrize(
    ("variables", "contradict"),
    [
        ({"PGSCHEMA": "dqx_worker"}, "PGSCHEMA and DQX_WORKER_SCHEMA"),
        # Older than that, a request is refused: no worker would ever do one.
        (
            {"DQX_WORKER_CLAIM_DELAY": "1h", "DQX_WORKER_MAX_REQUEST_AGE": "1h"},
            "DQX_WORKER_CLAIM_DELAY (1h) and DQX_WORKER_MAX_REQUEST_AGE (1h)",
        ),
    ],
)
def test_settings_that_are_right_each_may_contradict_each_other(
    environment: pytest.MonkeyPatch, variables: dict[str, str], contradict: str
) -> None:
    reported = problems(environment, **variables)

    assert reported[0].startswith(f"{contradict} contradict")


def test_a_token_in_the_clear_is_refused_before_anything_is_opened(
    environment: pytest.MonkeyPatch,
) -> None:
    (reported,) = problems(environment, LAKEBASE_INSTANCE_NAME="ontos", PGSSLMODE="prefer")

    assert reported.startswith("PGSSLMODE=prefer would send a token in the clear to db")


def test_a_secret_that_cannot_be_read_is_reported(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "POSTGRES_PASSWORD").write_bytes(b"\xff\xfe secret")

    (reported,) = problems(environment, DQX_WORKER_SECRETS=str(tmp_path))

    assert reported == (
        f"DQX_WORKER_SECRETS: a file in {tmp_path} can't be read (UnicodeDecodeError)"
    )


def test_a_file_is_no_folder_of_secrets(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "executable"
    file.touch(mode=0o755)

    (reported,) = problems(environment, DQX_WORKER_SECRETS=str(file))

    assert reported.endswith("is not a folder that can be read")
