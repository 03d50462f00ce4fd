"""A login that was pasted with a line break, a workspace's address as a browser shows it."""

import os

import pytest
from databricks.sdk.config import Config
from pydantic import SecretStr

from tests.unit.environment import loaded, problems
from worker.settings.all_settings import Settings
from worker.settings.trimmed_variables import trimmed_variables

PASTED = "inner blank stays"
LOGINS = [
    ("PGUSER", "user"),
    ("PGUSER", "token_user"),
    ("POSTGRES_USER", "user"),
    ("PGPASSWORD", "password"),
    ("POSTGRES_PASSWORD", "password"),
    ("DATABRICKS_CLIENT_ID", "databricks_client_id"),
    ("DATABRICKS_CLIENT_SECRET", "databricks_client_secret"),
    ("DATABRICKS_TOKEN", "databricks_token"),
]


def plain(settings: Settings, field: str) -> str:
    value = getattr(settings, field)
    return str(value.get_secret_value() if isinstance(value, SecretStr) else value)


@pytest.mark.parametrize("pasted", [f"{PASTED}\n", f"{PASTED} \r\n", f"\t{PASTED}", f" {PASTED} "])
@pytest.mark.parametrize(("variable", "field"), LOGINS)
def test_what_surrounds_a_login_is_left_out_and_the_variable_named(
    environment: pytest.MonkeyPatch, variable: str, field: str, pasted: str
) -> None:
    settings = loaded(environment, **{variable: pasted})
    assert plain(settings, field) == PASTED
    assert trimmed_variables(os.environ) == [variable]
    loaded(environment, **{variable: PASTED})
    assert trimmed_variables(os.environ) == []


def test_every_secret_of_the_sdk_is_among_the_variables_that_are_named(
    environment: pytest.MonkeyPatch,
) -> None:
    secret = {one.env for one in Config.attributes() if one.sensitive and one.env}
    assert "DATABRICKS_CLIENT_SECRET" in secret
    assert secret <= set(trimmed_variables(dict.fromkeys(secret, "s\n")))


@pytest.mark.parametrize(
    ("copied", "address"),
    [
        ("https://dbc-a1.cloud.databricks.com/?o=123", "https://dbc-a1.cloud.databricks.com"),
        ("https://adb-1.2.azuredatabricks.net/browse?o=1#a", "https://adb-1.2.azuredatabricks.net"),
        ("https://w.example#job/1", "https://w.example"),
        (" HTTPS://W.Example. \r\n", "https://w.example"),
        ("w.example", "https://w.example"),
        ("w.example:8443/browse", "https://w.example:8443"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_a_host_is_understood_as_a_browser_shows_it(
    environment: pytest.MonkeyPatch, copied: str, address: str
) -> None:
    assert loaded(environment, DATABRICKS_HOST=copied).databricks_host == address


@pytest.mark.parametrize(
    "address",
    [
        *("https://", "https:/w.example", "https//w.example", "ftp://w.example"),
        *("https://w.example:port", "https://w.example:99999", "https://w.example:0"),
        *("https://me:dapi77@w.example", "http://127.0.0.1@w.example", "https://w.ex ample"),
        *("https://[::zz]", '"https://w.example"', "https:\\\\w.example"),
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(
    environment: pytest.MonkeyPatch, address: str
) -> None:
    assert problems(environment, DATABRICKS_HOST=address) == [
        "DATABRICKS_HOST: a workspace is an address such as https://dbc-a1b2.cloud.databricks.com"
    ]


@pytest.mark.parametrize(
    "host", ["w.example", "10.0.0.1", "0.0.0.1", "127.1", "localhost.w.example", "[fd00::2]:80"]
)
def test_a_host_elsewhere_is_encrypted(environment: pytest.MonkeyPatch, host: str) -> None:
    assert problems(environment, DATABRICKS_HOST=f"http://{host}/?o=1") == [
        f"DATABRICKS_HOST: http://{host} is not encrypted: a login is sent to https:// or to this "
        "machine alone"
    ]


@pytest.mark.parametrize(
    ("remote", "taken"),
    [
        ("sc://s/;authorization=Bearer%20x", False),
        ("sc://s/;use_ssl=false;x-auth-token=x", False),
        ("sc://s/;user_id=me;x-api-key=x", False),
        ("sc://s/;use_ssl=true;authorization=x", True),
        ("sc://s/;token=x", True),
        ("sc://127.0.0.1:1/;authorization=x", True),
        ("sc://[::1]/;authorization=x", True),
        ("sc://s/;user_id=me;session_id=x", True),
    ],
)
def test_a_login_to_spark_connect_is_encrypted(
    environment: pytest.MonkeyPatch, remote: str, taken: bool
) -> None:
    if taken:
        assert loaded(environment, SPARK_REMOTE=remote).remote == SecretStr(remote)
    else:
        assert problems(environment, SPARK_REMOTE=remote) == [
            "SPARK_REMOTE: a login is sent to a Spark Connect server under TLS alone: add "
            ";use_ssl=true"
        ]
