"""Maps the settings to the options of the rooms."""

import os
import socket
from dataclasses import fields, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from worker.attempt.options import AttemptOptions
from worker.credentials.lakebase_names import is_branch, is_endpoint
from worker.credentials.options import CredentialOptions
from worker.database.options import DatabaseOptions
from worker.options.values import host_and_port
from worker.probes.options import ProbeOptions
from worker.process.options import WorkerOptions
from worker.profiling.options import ProfilingOptions
from worker.queue.options import QueueOptions, Retention
from worker.settings import errors
from worker.settings.all_settings import Settings
from worker.settings.errors import ConfigurationError
from worker.spark.engine_kind import EngineKind
from worker.suggestions.options import CheckOptions
from worker.tracing.options import ExportOptions
from worker.workspace.options import WorkspaceOptions

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = [
    "credential_options",
    "database_options",
    "ignored_variables",
    "job_options",
    "options_of",
    "process_name",
    "process_options",
    "queue_options",
    "worker_options",
    "workspace_options",
]

T = TypeVar("T", bound="DataclassInstance")


def options_of(options: type[T], settings: Settings, **others: Any) -> T:
    """Return the options of a room: its settings, and `others`."""
    own = {one.name for one in fields(options)} & Settings.model_fields.keys()
    return options(**({name: getattr(settings, name) for name in own} | others))


def database_options(settings: Settings) -> DatabaseOptions:
    """Return the options of the database room."""
    return options_of(
        DatabaseOptions,
        settings,
        token=settings.uses_token,
        statement_timeout=settings.lease * 0.4,
        command_timeout=settings.lease * 0.4 + timedelta(seconds=2),
        idle_in_transaction_timeout=settings.lease * 0.4,
    )


def credential_options(settings: Settings) -> CredentialOptions:
    """Return how to get a password for Postgres."""
    name = settings.lakebase_endpoint or settings.lakebase_instance or ""
    endpoint, branch = is_endpoint(name), is_branch(name)
    return CredentialOptions(
        user=settings.token_user if settings.uses_token else settings.user,
        password=settings.password,
        endpoint=name if endpoint else None,
        branch=name if branch else None,
        instance=None if endpoint or branch else name or None,
        host=settings.host,
    )


def workspace_options(settings: Settings) -> WorkspaceOptions:
    """Return how to reach the workspace, if there is one."""
    return options_of(WorkspaceOptions, settings)


def queue_options(settings: Settings, worker: str) -> QueueOptions:
    """Return how a process that bears the name `worker` takes part in the queue."""
    return options_of(QueueOptions, settings, worker=worker, engine=settings.engine)


def worker_options(settings: Settings, worker: str | None = None) -> WorkerOptions:
    """Return the options of one worker process; `worker` is its name, by default a new one.

    Raises `ConfigurationError` if a worker that reads tables of a catalog has no list of them.
    """
    if settings.engine is not EngineKind.LOCAL and "tables" not in settings.model_fields_set:
        raise ConfigurationError(errors.tables_not_named(settings.engine))
    _see_that_engine_is_named(settings)
    return process_options(settings, worker)


def job_options(settings: Settings, worker: str | None = None) -> WorkerOptions:
    """Return the options of `dqx-worker job`: it serves one run, however old, and no other.

    Raises `ConfigurationError` as `worker_options` does, but for the tables.
    """
    _see_that_engine_is_named(settings)
    options = process_options(settings, worker)
    return replace(
        options,
        attempt=replace(options.attempt, max_request_age=timedelta.max),
        probes=None,
    )


def _see_that_engine_is_named(settings: Settings) -> None:
    if settings.engine is EngineKind.CONNECT and settings.remote is None:
        raise ConfigurationError(errors.no_remote())


def process_name() -> str:
    """Return a name that no other process has, and none after a restart."""
    return f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"


def process_options(settings: Settings, worker: str | None = None) -> WorkerOptions:
    """Return the options of a process, whatever they lack for its work."""
    return options_of(
        WorkerOptions,
        settings,
        database=database_options(settings),
        credentials=credential_options(settings),
        workspace=workspace_options(settings),
        queue=queue_options(settings, worker or process_name()),
        profiling=options_of(
            ProfilingOptions,
            settings,
            files=settings.engine is EngineKind.LOCAL,
            sample_limit=settings.sample_limit or None,
            workspace=workspace_options(settings),
        ),
        attempt=options_of(AttemptOptions, settings, checks=options_of(CheckOptions, settings)),
        retention=options_of(Retention, settings),
        probes=_probe_options(settings),
        export=options_of(ExportOptions, settings),
    )


def _probe_options(settings: Settings) -> ProbeOptions | None:
    if settings.probes == "off":
        return None
    host, port = host_and_port(settings.probes)
    asked_for = "probes" in settings.model_fields_set or settings.app_port is not None
    return ProbeOptions(host=host, port=port, required=asked_for)


def ignored_variables(settings: Settings) -> list[str]:
    """Return what is set for a static password though a token is used."""
    if not settings.uses_token:
        return []
    return [
        name
        for name in ("POSTGRES_USER", "POSTGRES_PASSWORD", "PGPASSWORD")
        if os.environ.get(name)
    ]
