"""The name of every event that the worker logs, as a program may rely on it.
`docs/events.md` says what each one means and which fields it carries; a test compares the two.


from enum import StrEnum

__all__ = ["Event"]


class Event(StrEnum):
    """One name for each fact; logs carry it in the field `event`."""

    WORKER_STARTING = "worker.starting"
    WORKER_READY = "worker.ready"
    WORKER_SLEEPING = "worker.sleeping"
    WORKER_AWAKE = "worker.awake"
    WORKER_DRAINING = "worker.draining"
    WORKER_BROKEN = "worker.broken"
    WORKER_STOPPED = "worker.stopped"
    WORKER_FAILED = "worker.failed"

    PROBES_SERVED = "probes.served"
    PROBES_UNAVAILABLE = "probes.unavailable"
    LOOP_STUCK = "loop.stuck"

    LOG_DROPPED = "log.dropped"
    SETTING_OVERRULED = "setting.overruled"
    SETTING_TRIMMED = "setting.trimmed"
    JOB_PARAMETER_IGNORED = "job.parameter_ignored"
    TABLES_UNRESTRICTED = "tables.unrestricted"

    DATABASE_CONNECTED = "database.connected"
    DATABASE_UNVERIFIED = "database.unverified"
    DATABASE_PARAMETERS_LOST = "database.parameters_lost"
    DATABASE_UNAVAILABLE = "database.unavailable"
    DATABASE_AVAILABLE = "database.available"
    SCHEMA_UNUSABLE = "schema.unusable"
    SCHEMA_USABLE = "schema.usable"
    TABLES_PRUNED = "tables.pruned"
    MIGRATION_WAITING = "migration.waiting"
    MIGRATION_APPLIED = "migration.applied"
    RIGHT_GRANTED = "right.granted"

    CREDENTIAL_REFRESHED = "credential.refreshed"
    CREDENTIAL_REFRESH_FAILED = "credential.refresh_failed"
    CREDENTIAL_REJECTED = "credential.rejected"
    CREDENTIAL_CLOCK_DIFFERS = "credential.clock_differs"
    CREDENTIAL_SETTING_IGNORED = "credential.setting_ignored"

    WORKSPACE_OFFLINE = "workspace.offline"
    WORKSPACE_UNAVAILABLE = "workspace.unavailable"
    WORKSPACE_CONNECTED = "workspace.connected"

    ENGINE_READY = "engine.ready"
    SESSION_LOST = "session.lost"
    SESSION_REPLACED = "session.replaced"
    SESSION_UNAVAILABLE = "session.unavailable"
    WARM_UP_FAILED = "warm_up.failed"
    DQX_UNVERIFIED = "dqx.unverified"
    THREAD_STUCK = "thread.stuck"
    THREAD_BACK = "thread.back"
    TASKS_STUCK = "tasks.stuck"
    TASKS_UNKNOWN = "tasks.unknown"
    SAMPLE_NOT_RELEASED = "sample.not_released"
    INTERRUPTION_FAILED = "interruption.failed"

    LEASE_LOST = "lease.lost"
    LEASE_OVERRULED = "lease.overruled"

    REQUEST_ODD_DATE = "request.odd_date"
    REQUEST_SET_ASIDE = "request.set_aside"
    REQUEST_NOT_REFUSED = "request.not_refused"
    RUN_CLAIMED = "run.claimed"
    RUN_RESCUED = "run.rescued"
    RESCUE_FAILED = "rescue.failed"
    RUN_NOBODYS = "run.nobodys"
    RUN_ISOLATED = "run.isolated"
    RUN_NOT_ISOLATED = "run.not_isolated"
    RUN_PLANNED = "run.planned"
    RUN_COMPLETED = "run.completed"
    RUN_FAILED = "run.failed"
    RUN_CANCELLING = "run.cancelling"
    RUN_CANCELLED = "run.cancelled"
    RUN_POSTPONED = "run.postponed"
    RUN_GIVEN_BACK = "run.given_back"
    RUN_END_REFUSED = "run.end_refused"
    RUN_STUCK = "run.stuck"
    RUN_ABANDONED = "run.abandoned"

    SUGGESTIONS_NOT_MOVED = "suggestions.not_moved"
    PHASES_NOT_WRITTEN = "phases.not_written"
    TABLE_BEGUN = "table.begun"
    TABLE_RETRIED = "table.retried"
    TABLE_UNFINISHED = "table.unfinished"
    TABLE_KEPT = "table.kept"
    TABLE_PROFILED = "table.profiled"
    TABLE_FAILED = "table.failed"
    TABLE_BY_STOCK = "table.by_stock"
    COLUMN_BY_STOCK = "column.by_stock"
    COLUMN_SKIPPED = "column.skipped"
    CHECKS_UNTRIED = "checks.untried"
    CHECKS_UNREAD = "checks.unread"
    MASKS_UNREAD = "masks.unread"
    CHECK_DROPPED = "check.dropped"
