"""A receiver of OTLP, which keeps what it is sent."""

import gzip
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import grpc
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Receiver:
    """What has come, and where to send it."""

    def __init__(self) -> None:
        self.traces: list[ExportTraceServiceRequest] = []
        self.metrics: list[ExportMetricsServiceRequest] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""

    @classmethod
    @contextmanager
    def listening(cls) -> "Iterator[Receiver]":
        """Receive while the block runs."""
        receiver = cls()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.take(self.path, self._body())
                receiver.headers.append({name.lower(): one for name, one in self.headers.items()})
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def _body(self) -> bytes:
                body = self.rfile.read(int(self.headers["content-length"]))
                return gzip.decompress(body) if self.headers["content-encoding"] else body

            def log_message(self, *_: object) -> None:
                """Nothing."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            receiver.url = f"http://127.0.0.1:{server.server_port}"
            thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
            thread.start()
            try:
                yield receiver
            finally:
                server.shutdown()
                thread.join()

    @classmethod
    @contextmanager
    def listening_by_grpc(cls) -> "Iterator[Receiver]":
        """Receive traces by gRPC while the block runs."""
        receiver = cls()

        class Traces(TraceServiceServicer):
            def Export(  # noqa: N802 - the protocol's
                self, request: ExportTraceServiceRequest, _: object
            ) -> ExportTraceServiceResponse:
                receiver.traces.append(request)
                return ExportTraceServiceResponse()

        server = grpc.server(ThreadPoolExecutor(1))
        add_TraceServiceServicer_to_server(Traces(), server)  # type: ignore[no-untyped-call]
        receiver.url = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        server.start()
        try:
            yield receiver
        finally:
            server.stop(None).wait()

    def take(self, path: str, body: bytes) -> None:
        match path:
            case "/v1/traces":
                self.traces.append(ExportTraceServiceRequest.FromString(body))
            case "/v1/metrics":
                self.metrics.append(ExportMetricsServiceRequest.FromString(body))
            case _:
                raise AssertionError(path)

    @property
    def spans(self) -> list[Span]:
        """All spans, in the order of their begin."""
        found = [
            span
            for request in self.traces
            for of_resource in request.resource_spans
            for of_scope in of_resource.scope_spans
            for span in of_scope.spans
        ]
        # A root begins with its claim.
        return sorted(found, key=lambda span: (span.start_time_unix_nano, span.parent_span_id))

    @property
    def resources(self) -> list[dict[str, str]]:
        """What describes the senders."""
        return [
            {one.key: one.value.string_value for one in of_resource.resource.attributes}
            for request in self.traces
            for of_resource in request.resource_spans
        ]

    @property
    def last_metrics(self) -> dict[str, Metric]:
        """The metrics that came last, by name."""
        return {
            metric.name: metric
            for of_resource in self.metrics[-1].resource_metrics
            for of_scope in of_resource.scope_metrics
            for metric in of_scope.metrics
        }


def attributes(span: Span) -> dict[str, object]:
    """Return the attributes of a span."""
    return {
        one.key: getattr(one.value, one.value.WhichOneof("value") or "string_value")
        for one in span.attributes
    }
