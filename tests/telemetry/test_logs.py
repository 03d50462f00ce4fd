"""The log holds the worker's events, and warnings of libraries that nothing else reports."""

import json
import logging
import socket
import threading
from collections.abc import Iterator

import pytest
from py4j.java_gateway import GatewayClient, GatewayParameters
from py4j.protocol import ERROR

from worker.telemetry.events import Event
from worker.telemetry.logs import LogFormat, LogLevel, configure_logs, get_logger


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)


@pytest.mark.parametrize(
    "library",
    [
        *("databricks.sdk", "databricks.labs.dqx", "databricks.labs.blueprint", "py4j"),
        *("asyncio", "urllib3", "DataFrameQueryContextLogger", "SQLQueryContextLogger"),
    ],
)
def test_libraries_that_write_secrets_and_values_are_as_silent_at_debug(library: str) -> None:
    configure_logs(LogFormat.JSON, level=LogLevel.DEBUG)
    assert not logging.getLogger(library).isEnabledFor(logging.INFO)
    values = library.endswith("QueryContextLogger")
    assert logging.getLogger(library).isEnabledFor(logging.ERROR) is not values


def test_no_line_shows_what_has_the_form_of_a_secret(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(LogFormat.JSON)
    logging.getLogger("a library").warning("login as postgresql://me:hunter2@db/x")
    assert "postgresql://me:****@db/x" in capsys.readouterr().err


def test_every_line_has_the_worker(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(LogFormat.JSON, worker="host-1-0badcafe")
    logging.getLogger("a library").warning("of a library")
    get_logger("worker.test").warning(Event.SETTING_TRIMMED, variable="PGHOST")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["worker"] for line in lines] == ["host-1-0badcafe"] * 2


def test_a_warning_of_python_is_logged_once(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(LogFormat.JSON)
    logging.getLogger("py.warnings").warning("outdated")
    assert capsys.readouterr().err.count("outdated") == 1


def hang_up(listener: socket.socket) -> None:
    """Take a connection, read the command, and close, as a JVM does that is killed in a call."""
    connection, _ = listener.accept()
    with connection:
        connection.recv(100)


def test_what_py4j_returns_as_an_error_is_not_logged_by_it_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs(LogFormat.JSON)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        jvm = threading.Thread(target=hang_up, args=(listener,))
        jvm.start()
        port = listener.getsockname()[1]
        client = GatewayClient(gateway_parameters=GatewayParameters(port=port))
        assert client.send_command("x\n", retry=False) == ERROR
        jvm.join()
    logging.getLogger().warning("of another library")
    logged = capsys.readouterr().err
    assert "of another library" in logged
    assert "sending command" not in logged
