"""What can go wrong with the workspace: a type by what the caller does about it, and the words.

Each public function but `translated` is one message; its docstring says what causes it and what
cures it, and docs/errors.md is made of them. None holds what the workspace answered in full: an
answer may hold a token, and the SDK puts whole answers into its errors.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from databricks.sdk.errors.base import DatabricksError

__all__ = ["WorkspaceError", "WorkspaceRefused", "WorkspaceUnavailable", "translated"]

_LONGEST = 200
_REFUSED_LOGIN = re.compile(r"(invalid_client|invalid_request|unauthorized_client|access_denied)\b")
_CODE = re.compile(r"[A-Za-z0-9_]{1,60}")


class WorkspaceError(Exception):
    """The workspace did not do what it was asked; `retry_after` is in seconds, if it said so."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class WorkspaceUnavailable(WorkspaceError):
    """The workspace can't be reached or can't answer now: try again later."""


class WorkspaceRefused(WorkspaceError):
    """The workspace said no, or the SDK found no way to ask: a person has to change something."""


@contextmanager
def translated(host: str | None) -> Iterator[None]:
    """Turn what the SDK raises into the errors above, without the answers it quotes."""
    try:
        yield
    except WorkspaceError:
        raise
    except Exception as error:  # noqa: BLE001
        # `from None`: the SDK's own words may hold whole answers, and a traceback would print them.
        raise _translated(error, host) from None


def _translated(error: Exception, host: str | None) -> WorkspaceError:
    from databricks.sdk.errors import NotFound, PermissionDenied, Unauthenticated
    from databricks.sdk.errors.base import DatabricksError

    if isinstance(error, TimeoutError) and isinstance(error.__cause__, Exception):
        # The SDK's retries used up their time; the cause is the last failure.
        return _translated(error.__cause__, host)
    place = host or "the workspace"
    match error:
        case NotFound():
            return not_found(place, _said(error))
        case Unauthenticated():
            return not_logged_in(place, _said(error))
        case PermissionDenied():
            return not_permitted(place, _said(error))
        case DatabricksError():
            return unavailable(place, _said(error), retry_after=_seconds(error.retry_after_secs))
        case json.JSONDecodeError():
            return unreadable_answer(place)
        case TimeoutError():
            return no_answer(place)
        case OSError():
            # requests' errors are among them: ConnectionError, ReadTimeout, SSLError.
            return unreachable(place, type(error).__name__)
        case ValueError():
            return _login(error, place)
        case _:
            # NotImplementedError, KeyError and their like: what the SDK makes of odd answers.
            return unreadable_answer(place)


def _login(error: ValueError, place: str) -> WorkspaceError:
    """Tell apart what the SDK raises as ValueError: its own set-up, and the token endpoint's no."""
    text = str(error)
    if "more than one authorization method" in text:
        return ambiguous_login(" and ".join(_login_variables()))
    if refused := _REFUSED_LOGIN.search(text):
        return login_refused(place, refused[1])
    if "default auth" in text or "Invalid URL" in text or "cannot configure" in text:
        return no_way_to_log_in(place)
    code = text.partition(":")[0]
    return unavailable(place, code if _CODE.fullmatch(code) else "its token endpoint failed")


def _login_variables() -> list[str]:
    """Return the variables that are set and say how to log in, by the SDK's own list."""
    from databricks.sdk.config import Config

    names = {
        attribute.env
        for attribute in Config.attributes()
        if attribute.auth and attribute.env and os.environ.get(attribute.env)
    }
    return sorted(names) or ["the profile's entries"]


def _said(error: "DatabricksError") -> str:
    """Return the error code and the first line of a short message."""
    code = error.error_code or type(error).__name__
    lines = str(error).splitlines()
    # The SDK's own words for an answer that it can't read quote the whole of it.
    if not lines or "unable to parse response" in lines[0]:
        return code
    # It appends its config to some messages.
    line = lines[0].partition(". Config: ")[0]
    return f"{code}: {line[:_LONGEST]}"


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def not_found(place: str, said: str) -> WorkspaceRefused:
    """The workspace has no such database instance or endpoint.

    Cure: correct LAKEBASE_INSTANCE_NAME (a name such as `ontos`, never a host or a UUID) or
    LAKEBASE_ENDPOINT, or DATABRICKS_HOST: the workspace has to be the one that owns the database.
    """
    return WorkspaceRefused(f"{place} does not have it ({said})")


def not_logged_in(place: str, said: str) -> WorkspaceRefused:
    """The workspace does not accept the worker's own login.

    Cure: check DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET, or DATABRICKS_TOKEN; an OAuth
    secret or a token may have expired.
    """
    return WorkspaceRefused(f"{place} does not accept the worker's login ({said})")


def not_permitted(place: str, said: str) -> WorkspaceRefused:
    """The worker's identity may not use the database.

    Cure: let the identity behind DATABRICKS_CLIENT_ID or DATABRICKS_TOKEN use the database
    instance or project (CAN USE), and give it a Postgres role.
    """
    return WorkspaceRefused(f"{place} does not permit it ({said})")


def login_refused(place: str, code: str) -> WorkspaceRefused:
    """The workspace's token endpoint refuses the client's id or secret.

    Cure: check DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET; the secret may have expired.
    """
    return WorkspaceRefused(f"{place} refuses DATABRICKS_CLIENT_ID or its secret ({code})")


def ambiguous_login(variables: str) -> WorkspaceRefused:
    """Several variables each say how to log in to the workspace, in different ways.

    Cure: unset all but one way, or choose with DATABRICKS_AUTH_TYPE (`oauth-m2m`, `pat`, ...).
    """
    return WorkspaceRefused(
        f"{variables} are set and are different ways to log in to the workspace: unset all but "
        "one way, or choose with DATABRICKS_AUTH_TYPE, such as oauth-m2m or pat"
    )


def no_way_to_log_in(place: str) -> WorkspaceRefused:
    """The SDK found no login for the workspace, or the workspace does not say where to log in.

    Cure: set DATABRICKS_HOST with DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET, or with
    DATABRICKS_TOKEN; check that DATABRICKS_HOST is a workspace.
    """
    return WorkspaceRefused(
        f"No way to log in to {place}: set DATABRICKS_HOST to a workspace, with "
        "DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET or with DATABRICKS_TOKEN"
    )


def no_workspace(variable: str) -> WorkspaceRefused:
    """A database token is wanted, and no workspace is named that could give one.

    Cure: set DATABRICKS_HOST or DATABRICKS_CONFIG_PROFILE.
    """
    return WorkspaceRefused(f"{variable} needs a workspace: set DATABRICKS_HOST")


def unavailable(place: str, said: str, *, retry_after: float | None = None) -> WorkspaceUnavailable:
    """The workspace answered that it can't just now, or that too much is asked of it.

    Cure: none is needed; the worker tries again, later each time, and as late as it is told.
    """
    return WorkspaceUnavailable(f"{place} can't answer now ({said})", retry_after=retry_after)


def unreachable(place: str, kind: str) -> WorkspaceUnavailable:
    """No connection to the workspace could be made, or it broke.

    Cure: check DATABRICKS_HOST, the network and its proxy; the worker tries again.
    """
    return WorkspaceUnavailable(f"{place} can't be reached ({kind})")


def no_answer(place: str) -> WorkspaceUnavailable:
    """The workspace, or its token endpoint, did not answer in time.

    Cure: check the network to DATABRICKS_HOST; the worker tries again.
    """
    return WorkspaceUnavailable(f"{place} did not answer before the deadline")


def unreadable_answer(place: str) -> WorkspaceUnavailable:
    """What came back is not what the workspace's interface promises, perhaps a proxy's page.

    Cure: check that DATABRICKS_HOST is the workspace itself; the worker tries again.
    """
    return WorkspaceUnavailable(f"{place} gave an answer that can't be read")


def calls_hang(number: int) -> WorkspaceUnavailable:
    """So many calls to the workspace have not come back that no more are begun.

    Cure: check the network to DATABRICKS_HOST; a call that never comes back is given up after
    ten minutes.
    """
    return WorkspaceUnavailable(f"{number} calls to the workspace have not come back")
