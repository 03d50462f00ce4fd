"""Where the probes are served, out of an environment."""

import pytest

from tests.unit.environment import loaded, problems
from worker.probes.options import ProbeOptions
from worker.settings.compose_options import job_options, worker_options

EVERYWHERE = "0.0.0.0"  # noqa: S104


@pytest.mark.parametrize(
    ("variables", "probes"),
    [
        ({}, ("127.0.0.1", 8686, False)),
        ({"DATABRICKS_APP_PORT": "8000"}, (EVERYWHERE, 8000, True)),
        ({"DQX_WORKER_PROBES": "127.0.0.1:8686"}, ("127.0.0.1", 8686, True)),
        ({"DQX_WORKER_PROBES": "[::1]:0"}, ("::1", 0, True)),
        (
            {"DQX_WORKER_PROBES": "localhost:9", "DATABRICKS_APP_PORT": "8000"},
            ("localhost", 9, True),
        ),
        ({"DQX_WORKER_PROBES": "", "DATABRICKS_APP_PORT": ""}, ("127.0.0.1", 8686, False)),
        ({"DQX_WORKER_PROBES": "off", "DATABRICKS_APP_PORT": "8000"}, None),
    ],
)
def test_loopback_unless_set_otherwise(
    environment: pytest.MonkeyPatch,
    variables: dict[str, str],
    probes: tuple[str, int, bool] | None,
) -> None:
    options = worker_options(loaded(environment, **variables)).probes
    if probes is None:
        assert options is None
    else:
        host, port, required = probes
        assert options == ProbeOptions(host=host, port=port, required=required)


def test_a_job_serves_none(environment: pytest.MonkeyPatch) -> None:
    assert job_options(loaded(environment, DQX_WORKER_PROBES="127.0.0.1:1")).probes is None


@pytest.mark.parametrize(
    "wrong", ["8686", ":8686", "localhost", "localhost:99999", "::1:8686", "http://x:1", "a b:1"]
)
def test_what_is_no_address_is_refused(environment: pytest.MonkeyPatch, wrong: str) -> None:
    assert problems(environment, DQX_WORKER_PROBES=wrong) == [
        "DQX_WORKER_PROBES: an address is a host and a port, such as 127.0.0.1:8686 or "
        "[::1]:8686, or off"
    ]


def test_a_port_of_an_app_that_is_none_is_the_only_problem(
    environment: pytest.MonkeyPatch,
) -> None:
    (reported,) = problems(environment, DATABRICKS_APP_PORT="70000")
    assert reported.startswith("DATABRICKS_APP_PORT: ")
