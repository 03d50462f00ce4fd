"""Maps the settings to the options of the rooms."""

import os
import socket
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from worker.attempt.options import AttemptOptions
from worker.checks.options import CheckOptions
from worker.credentials.options import CredentialOptions
from worker.database.options import DatabaseOptions
from worker.probes.options import ProbeOptions
from worker.process.options import IdleOptions, WorkerOptions
from worker.profiling.options import ProfilingOptions
from worker.queue.options import QueueOptions
from worker.queue.prune import Retention
from worker.settings import errors
from worker.settings.errors import ConfigurationError
from worker.settings.settings import Settings
from worker.settings.values import host_and_port, is_branch, is_endpoint
from worker.spark.options import EngineKind
from worker.workspace.options import WorkspaceOptions

__all__ = [
    "credential_options",
    "database_options",
    "ignored_variables",
    "job_options",
    "process_options",
    "queue_options",
    "retention",
    "worker_options",
    "workspace_options",
]


def database_options(settings: Settings) -> DatabaseOptions:
    """Return the options of the database room."""
    return DatabaseOptions(
        host=settings.host,
        port=settings.port,
        database=settings.database,
        ssl=settings.ssl,
        ca_file=settings.ca_file,
        token=settings.uses_token,
        backend_schema=settings.backend_schema,
        own_schema=settings.own_schema,
        grant_to=settings.grant_to,
        pool_size=settings.pool_size,
        application_name="dqx-worker",
        connect_timeout=settings.connect_timeout,
        connection_age=settings.connection_age,
        statement_timeout=settings.lease * 0.4,
        command_timeout=settings.lease * 0.4 + timedelta(seconds=2),
        idle_in_transaction_timeout=settings.lease * 0.4,
        lock_timeout=timedelta(milliseconds=500),
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
    return WorkspaceOptions(
        host=settings.databricks_host,
        profile=settings.databricks_profile,
        client_id=settings.databricks_client_id,
        client_secret=settings.databricks_client_secret,
        token=settings.databricks_token,
        auth_type=settings.databricks_auth_type,
        cluster_id=settings.databricks_cluster_id,
        serverless=settings.databricks_serverless,
        runtime=settings.runtime_version is not None,
    )


def queue_options(settings: Settings, worker: str) -> QueueOptions:
    """Return how a process that bears the name `worker` takes part in the queue."""
    return QueueOptions(
        worker=worker,
        engine=settings.engine,
        slots=settings.slots,
        lease=settings.lease,
        claim_delay=settings.claim_delay,
        poll_interval=settings.poll_interval,
        runs_per_contract=settings.runs_per_contract,
        max_attempts=settings.max_attempts,
        back_off=settings.back_off,
        end_patience=settings.end_patience,
        cancelled_status=settings.cancelled_status,
    )


def retention(settings: Settings) -> Retention:
    """Return how long what is done is kept."""
    return Retention(runs=settings.keep_runs, workers=settings.keep_workers)


def worker_options(settings: Settings) -> WorkerOptions:
    """Return the options of one worker process, with a name that no other process has.

    Raises `ConfigurationError` where a worker that reads tables of a catalog is not told which.
    """
    if settings.engine is not EngineKind.LOCAL and "tables" not in settings.model_fields_set:
        raise ConfigurationError(errors.tables_not_named(settings.engine))
    _see_that_engine_is_named(settings)
    return process_options(settings)


def job_options(settings: Settings) -> WorkerOptions:
    """Return the options of `dqx-worker job`: it serves one run, however old, and nobody else.

    Raises `ConfigurationError` as `worker_options` does, but for the tables.
    """
    _see_that_engine_is_named(settings)
    options = process_options(settings)
    return replace(
        options,
        attempt=replace(options.attempt, max_request_age=timedelta.max),
        probes=None,
    )


def _see_that_engine_is_named(settings: Settings) -> None:
    if settings.engine is EngineKind.CONNECT and settings.remote is None:
        raise ConfigurationError(errors.no_remote())


def process_options(settings: Settings) -> WorkerOptions:
    """Return the options of a process, whatever they lack for its work."""
    return WorkerOptions(
        database=database_options(settings),
        credentials=credential_options(settings),
        workspace=workspace_options(settings),
        queue=queue_options(settings, f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"),
        profiling=ProfilingOptions(
            engine=settings.engine,
            tables=settings.tables,
            roots=settings.roots,
            files=settings.engine is EngineKind.LOCAL,
            at_once=settings.tables_at_once,
            profiler=settings.profiler,
            sampling=settings.sampling,
            sample_fraction=settings.sample_fraction,
            sample_limit=settings.sample_limit or None,
            sample_seed=settings.sample_seed,
            sample_bytes=settings.sample_bytes,
            max_columns=settings.max_columns,
            csv_nulls=settings.csv_nulls,
            max_files=settings.max_files,
            stuck_limit=settings.stuck_threads,
            kill_timeout=settings.kill_timeout,
            keep_session=settings.keep_session,
            spark_memory=settings.spark_memory,
            remote=settings.remote,
            workspace=workspace_options(settings),
            in_job=settings.runtime_version is not None,
        ),
        attempt=AttemptOptions(
            max_request_age=settings.max_request_age,
            max_schemas=settings.max_schemas,
            summary_limit=settings.summary_limit,
            table_deadline=settings.table_deadline,
            run_deadline=settings.run_deadline,
            personal=settings.personal,
            profiler=settings.profiler_options,
            checks=CheckOptions(
                criticality=settings.criticality,
                leave_out=frozenset(settings.leave_out),
                contradictions=settings.contradictions,
                min_rows=settings.min_rows,
                max_suggestions=settings.max_suggestions,
                rejected_change=settings.rejected_change,
            ),
        ),
        retention=retention(settings),
        idle=IdleOptions(after=settings.idle_after, interval=settings.idle_interval)
        if settings.idle == "sleep"
        else None,
        migrate=settings.migrate,
        start_patience=settings.start_patience,
        grace=settings.grace,
        probes=_probe_options(settings),
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
