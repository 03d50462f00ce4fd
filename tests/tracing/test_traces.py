"""The trace of a run, as a receiver of OTLP gets it from a whole worker without Spark."""

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import structlog
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.metrics.conftest import Site, site
from tests.support.otlp_receiver import Receiver, attributes
from tests.support.scripted_profiler import Scripted, profiled, raises
from tests.support.waiting import until
from worker.tables.errors import TableError, TableUnavailable
from worker.telemetry.logs import LogFormat, configure_logs
from worker.telemetry.trace_ids import attempt_span_id, run_trace_id
from worker.tracing.options import ExportOptions
from worker.tracing.sdk import exporter_of

__all__ = ["site"]

pytestmark = pytest.mark.anyio


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver that the standard variables name."""
    with Receiver.listening() as listening:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", listening.url)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        yield listening


def exporting(site: Site, receiver: Receiver) -> Site:
    """Return the site with the options that the receiver's variables make."""
    return replace(
        site,
        options=replace(site.options, export=ExportOptions(otlp_endpoint=receiver.url)),
    )


async def until_ended(receiver: Receiver, roots: int = 1) -> list[Span]:
    """Return all spans, once so many attempts have ended."""

    async def ended() -> bool:
        return len([span for span in receiver.spans if span.name == "run"]) == roots

    await until(ended, "the root span is received", seconds=20)
    return receiver.spans


def tree(spans: list[Span], parent: bytes = b"") -> list[tuple[str, object]]:
    """Return names in the order of their begin, each with what is below it."""
    return [
        (span.name, tree(spans, span.span_id)) for span in spans if span.parent_span_id == parent
    ]


@contextmanager
def logging_json() -> Iterator[None]:
    """Log as a worker does while the block runs."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    configure_logs(LogFormat.JSON)
    try:
        yield
    finally:
        root.handlers, root.level = before
        structlog.reset_defaults()


async def test_a_run_is_one_trace_from_its_claim_to_its_end(
    site: Site, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    site = exporting(site, receiver)
    with logging_json():
        async with site.working(Scripted(orders=[profiled])):
            run = await site.request("orders")
            spans = await until_ended(receiver)
    assert tree(spans) == [
        (
            "run",
            [
                ("claim", []),
                ("plan", []),
                ("table", [("sample", []), ("profile", []), ("judge", []), ("write", [])]),
                ("finish", []),
            ],
        )
    ]
    root = spans[0]
    assert {span.trace_id for span in spans} == {run_trace_id(run).to_bytes(16, "big")}
    assert attributes(root) == {
        "run": run,
        "contract": "orders",
        "attempt": 1,
        "outcome": "completed",
    }
    assert attributes(next(span for span in spans if span.name == "table")) == {
        "schema": "orders",
        "table": "orders",
    }
    assert root.status.code == Status.STATUS_CODE_UNSET
    claim = spans[1]
    assert root.start_time_unix_nano == claim.start_time_unix_nano < claim.end_time_unix_nano
    assert claim.end_time_unix_nano <= spans[2].start_time_unix_nano
    (resource,) = {tuple(sorted(one.items())) for one in receiver.resources}
    assert dict(resource)["service.name"] == "dqx-worker"
    assert dict(resource)["service.instance.id"] == site.options.queue.worker
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    about = [line for line in lines if line.get("run") == run]
    assert len(about) > 3
    assert {line["trace_id"] for line in about} == {f"{run_trace_id(run):032x}"}
    assert all("trace_id" not in line for line in lines if "run" not in line)


async def test_attempts_at_a_run_share_its_trace_and_each_links_to_the_one_before(
    site: Site, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.attempt.work_on_table._RETRY_PAUSE", 0.01)
    site = exporting(site, receiver)
    away = raises(TableUnavailable("the warehouse is away"))
    async with site.working(Scripted(orders=[away, away, profiled])):
        run = await site.request("orders")
        spans = await until_ended(receiver, roots=2)
    first, second = (span for span in spans if span.name == "run")
    assert first.trace_id == second.trace_id
    assert first.span_id == attempt_span_id(run, 1).to_bytes(8, "big")
    assert not first.links
    assert [(link.trace_id, link.span_id) for link in second.links] == [
        (first.trace_id, first.span_id)
    ]
    assert attributes(first)["outcome"] == "postponed"
    assert attributes(second)["outcome"] == "completed"
    table = next(span for span in spans if span.name == "table")
    assert (table.status.code, table.status.message) == (
        Status.STATUS_CODE_ERROR,
        "the warehouse is away",
    )


async def test_an_error_is_recorded_by_its_type_and_never_by_words_that_are_not_the_workers(
    site: Site, receiver: Receiver
) -> None:
    site = exporting(site, receiver)
    tables = Scripted(
        orders=[raises(TableError("orders: no such table"))],
        people=[raises(ValueError("mail jane@example.org is no number"))],
    )
    async with site.working(tables):
        await site.request("orders", "people")
        spans = await until_ended(receiver)
    failed = {
        (span.name, span.status.message, attributes(span).get("error.type"))
        for span in spans
        if span.status.code == Status.STATUS_CODE_ERROR
    }
    assert ("profile", "orders: no such table", "TableError") in failed
    assert ("profile", "ValueError", "ValueError") in failed
    assert ("table", "orders: no such table", None) in failed
    assert "jane" not in str(receiver.traces)
    root = spans[0]
    assert attributes(root)["outcome"] == "failed"
    assert "2 of 2 schemas" in root.status.message


async def test_metrics_are_those_of_the_registry(
    site: Site, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "100")
    site = exporting(site, receiver)
    async with site.working(Scripted(orders=[profiled])):
        await site.request("orders")
        await until_ended(receiver)

        scraped = await site.scrape()
        ended = scraped.value("run_work_seconds_count")

        async def caught_up() -> bool:
            if not receiver.metrics:
                return False
            (point,) = receiver.last_metrics["dqx_worker_run_work_seconds"].histogram.data_points
            return bool(point.count == ended)

        await until(caught_up, "the metrics of the end", seconds=20)
        received = receiver.last_metrics
    runs = {
        tuple(label.value.string_value for label in point.attributes): point.as_double
        for point in received["dqx_worker_runs_total"].sum.data_points
    }
    assert received["dqx_worker_runs_total"].sum.is_monotonic
    assert runs["completed", "profiled"] == scraped.value(
        "runs_total", status="completed", reason="profiled"
    )
    (work,) = received["dqx_worker_run_work_seconds"].histogram.data_points
    assert work.count == scraped.value("run_work_seconds_count") == sum(work.bucket_counts)
    assert work.sum == scraped.value("run_work_seconds_sum")
    names = {name.removesuffix("_total") for name in received}
    assert names == {name for name, family in scraped.families.items() if family.samples}


async def test_the_protocol_may_be_grpc(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver.listening_by_grpc() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
        site = exporting(site, receiver)
        site = replace(
            site,
            options=replace(
                site.options, export=replace(site.options.export, metrics_exporter="none")
            ),
        )
        async with site.working(Scripted(orders=[profiled])):
            before = (await site.scrape()).value("run_work_seconds_count") or 0
            await site.request("orders")
            ended = "run_work_seconds_count"
            await site.shows(lambda found: found.value(ended) == before + 1, "the end")
        # What was left at the end has come before the worker was gone.
        assert receiver.spans[0].name == "run"


@pytest.mark.parametrize(
    ("variables", "package"),
    [
        ({"ENDPOINT": "http://otlp:4318"}, "http"),
        ({"ENDPOINT": "http://otlp:4317"}, "grpc"),
        ({"ENDPOINT": "http://otlp:4317", "PROTOCOL": "http/protobuf"}, "http"),
        ({"ENDPOINT": "http://otlp:4318", "TRACES_PROTOCOL": "grpc"}, "grpc"),
        ({"TRACES_ENDPOINT": "http://otlp:4317", "ENDPOINT": "http://otlp:4318"}, "grpc"),
    ],
)
def test_the_port_of_grpc_means_grpc_unless_a_protocol_is_set(
    variables: dict[str, str], package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"OTEL_EXPORTER_OTLP_{name}", value)
    exporter = exporter_of("trace", "OTLPSpanExporter")
    assert f".{package}." in type(exporter).__module__
    exporter.shutdown()


async def test_a_receiver_that_is_away_costs_a_run_nothing_and_the_end_only_seconds(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = "http://127.0.0.1:9"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", nowhere)
    site = replace(site, options=replace(site.options, export=ExportOptions(otlp_endpoint=nowhere)))
    async with site.working(Scripted(orders=[profiled])):
        before = (await site.scrape()).value("claims_total") or 0
        await site.request("orders")
        await site.shows(lambda found: found.value("claims_total") == before + 1, "the claim")
        await site.shows(lambda found: found.value("tables_in_flight") == 0, "the end")
        ending = time.monotonic()
    # An export gives up after 10 s, and both signals wait for theirs.
    assert time.monotonic() - ending < 5


async def test_without_the_extra_a_worker_works_and_says_so_once(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # As Python finds a module that is not installed.
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.resources", None)
    monkeypatch.delitem(sys.modules, "worker.tracing.sdk", raising=False)
    monkeypatch.delitem(sys.modules, "worker.tracing.metrics_exporter", raising=False)
    options = replace(site.options, export=ExportOptions(otlp_endpoint="http://127.0.0.1:9"))
    with logging_json():
        async with replace(site, options=options).working(Scripted()):
            pass
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    (line,) = [line for line in lines if line["event"] == "export.unavailable"]
    assert "pip install 'dqx-worker[otlp]'" in line["error"]


@pytest.mark.parametrize(
    ("settings", "traces", "metrics"),
    [
        ({}, False, False),
        ({"otlp_endpoint": "http://otlp"}, True, True),
        ({"otlp_endpoint": "http://otlp", "otlp_disabled": True}, False, False),
        ({"otlp_endpoint": "http://otlp", "traces_exporter": "none"}, False, True),
        ({"otlp_endpoint": "http://otlp", "metrics_exporter": "none"}, True, False),
        ({"otlp_traces_endpoint": "http://otlp/v1/traces"}, True, False),
        ({"metrics_exporter": "console, otlp"}, False, True),
    ],
)
def test_the_standard_variables_decide_what_is_exported(
    settings: dict[str, object], traces: bool, metrics: bool
) -> None:
    options = ExportOptions(**settings)  # type: ignore[arg-type]
    assert (options.traces, options.metrics) == (traces, metrics)


@pytest.mark.parametrize(
    ("modules", "unwanted"),
    [
        ("worker.process.job, worker.process.worker", ("opentelemetry",)),
        # The commands that a person waits for.
        ("worker.cli.main", ("opentelemetry", "prometheus_client")),
    ],
)
def test_what_does_not_export_does_not_import_it(modules: str, unwanted: tuple[str, ...]) -> None:
    code = f"import json, sys, {modules}; print(json.dumps([*sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, env=dict(os.environ)
    )
    assert [name for name in json.loads(done.stdout) if name.startswith(unwanted)] == []
