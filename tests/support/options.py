"""Options as the settings would make them, for tests that use a room without a process."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from pydantic import SecretStr

from deploy.sandbox.backend import Login
from worker.credentials.passwords import FixedPassword
from worker.credentials.provider import Credential
from worker.database.options import DatabaseOptions
from worker.progress.stored_run_progress import StoredRunProgress
from worker.queue.options import QueueOptions

LEDGER = StoredRunProgress(summary_limit=1_000_000)


def database_options(login: Login, **changes: Any) -> DatabaseOptions:
    values: dict[str, Any] = {
        "host": login.host,
        "port": login.port,
        "database": login.database,
        "ssl": "disable",
        "application_name": "dqx-worker test",
        "connect_timeout": timedelta(seconds=10),
        "statement_timeout": timedelta(seconds=5),
        "command_timeout": timedelta(seconds=7),
        "idle_in_transaction_timeout": timedelta(seconds=5),
    }
    return DatabaseOptions(**(values | changes))


def password_of(login: Login) -> FixedPassword:
    return FixedPassword(Credential(login.user, SecretStr(login.password), expires_at=None))


def queue_options(**changes: Any) -> QueueOptions:
    values: dict[str, Any] = {
        "worker": f"worker-{uuid4().hex[:8]}",
        "engine": "local",
        "poll_interval": timedelta(milliseconds=100),
        "runs_per_contract": 100,
        "end_patience": timedelta(seconds=2),
    }
    return QueueOptions(**(values | changes))
