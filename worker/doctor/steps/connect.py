"""The step 'connect': log in as the worker does, and report the server and the role."""

from collections.abc import Mapping
from typing import Any

from worker.database.errors import DatabaseError, DatabaseRefused
from worker.database.open_connection import url
from worker.database.password_source import Login
from worker.database.pool import Database
from worker.database.sql import load_sql
from worker.doctor.errors import login as errors
from worker.doctor.errors import network
from worker.doctor.explain import causes, hint, network_hints
from worker.doctor.setup import Setup
from worker.doctor.step_report import StepFailed, StepResult
from worker.doctor.token_login import OneLogin
from worker.preflight.errors import pooler_refuses, read_only

__all__ = ["check_connection"]

_CONNECTION = load_sql(__package__, "connection")
_NEEDED = 1
"""Connections beside the one in use: the heartbeat's."""


async def check_connection(setup: Setup) -> StepResult:
    """Open a pool of one connection, which later steps use."""
    login = setup.login.take()
    setup.secured.take()
    options = setup.database_options
    host = options.host or login.host or ""
    try:
        database = await setup.closing.enter_async_context(
            Database.open(options, OneLogin(setup.provider, login))
        )
        async with database.connection() as connection:
            (row,) = await connection.fetch(_CONNECTION)
    except (DatabaseError, ValueError) as error:
        hints = _why(error, setup, login, host)
        # What is known of the cause says more than the cure for whatever it may be.
        raise StepFailed(error, hints, enough=not _tokens_rejected(error)) from error
    setup.database.give(database)
    seen = dict(row)
    _refuse_without_heartbeat(seen)
    room = _room(seen, setup)
    words = "" if room is None else f", connections left for workers: {room}"
    return StepResult(
        f"{url(options, login)}, Postgres {seen['server']}, role {seen['role']}{words}",
        {**seen, "host": host, "login": login.user, "workers_left": room},
        _remarks(seen, setup),
    )


def _refuse_without_heartbeat(seen: Mapping[str, Any]) -> None:
    if seen["left"] is not None and seen["left"] < _NEEDED:
        raise StepFailed(errors.too_few_connections(seen["left"], _NEEDED))


def _room(seen: Mapping[str, Any], setup: Setup) -> int | None:
    """Return how many workers with these settings could start beside all that is connected now.

    None if nothing limits the role. The connection of this step is free by then.
    """
    if seen["left"] is None:
        return None
    each = setup.options.database.pool_size + _NEEDED
    return int((seen["left"] + 1) // each)


def _remarks(seen: Mapping[str, Any], setup: Setup) -> list[str]:
    remarks = []
    wanted = setup.options.database.pool_size
    if seen["left"] is not None and seen["left"] < wanted:
        remarks.append(hint(errors.few_connections(seen["left"], wanted)))
    if seen["read_only"]:
        remarks.append(hint(read_only()))
    return remarks


def _why(error: Exception, setup: Setup, login: Login, host: str) -> list[str]:
    """Return what to do, the likeliest first."""
    options = setup.database_options
    hints = [
        *_by_code(error, setup, login, host),
        *network_hints(error, host, options.port, "POSTGRES_HOST"),
    ]
    if setup.uses_token and "-pooler." in host:
        hints.insert(0, errors.pooler_host(host))
    return [hint(one) for one in hints]


def _tokens_rejected(error: Exception) -> bool:
    """Return whether both tokens were: the only error of the login's whose cause is one of ours."""
    return isinstance(error, DatabaseRefused) and isinstance(error.__cause__, DatabaseRefused)


def _by_code(error: Exception, setup: Setup, login: Login, host: str) -> list[str]:
    database = setup.database_options.database
    for cause in reversed(causes(error)):
        match getattr(cause, "sqlstate", None):
            case None:
                continue
            case "28P01" if not setup.uses_token:
                empty = not login.secret.get_secret_value()
                return [(errors.empty_password if empty else errors.wrong_password)(login.user)]
            case "28000" if getattr(cause, "server_source_function", "") == "ClientAuthentication":
                return [errors.not_in_hba(host, login.user)]
            case "28000" | "28P01":
                return [errors.role_unfit(login.user)]
            case "3D000":
                return [errors.no_database(database)]
            case "42501":
                return [errors.may_not_connect(database, login.user)]
            case "53300":
                return [errors.no_connection_left()]
            case "57P01" | "57P02" | "57P03":
                return [errors.not_ready()]
            case "55000":
                return [errors.closed_database(database)]
            case "08P01" | "22023" | "42704" | "26000" | "42P05":
                return [pooler_refuses()]
            case "08000" | "08001" | "08003" | "08006":
                return [network.hung_up(host, setup.database_options.port)]
    return []
