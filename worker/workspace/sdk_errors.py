"""Distinguishes the errors of the Databricks SDK, by type and by what its set-up says.

Nothing here passes on what the workspace answered in full: an answer may hold a token, and the
SDK puts whole answers into its errors (databricks-sdk 0.156, errors/parser.py).
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from worker.telemetry.redact import redacted
from worker.workspace import errors
from worker.workspace.errors import WorkspaceError
from worker.workspace.options import WorkspaceOptions

if TYPE_CHECKING:
    from databricks.sdk.errors.base import DatabricksError

__all__ = ["causes", "translated"]

_LONGEST = 200
_READ = 2000
# Longer than words are, with capitals and digits among small letters: what a token looks like.
_TOKEN_LIKE = re.compile(r"(?=[\w.~+=-]*[A-Z])(?=[\w.~+=-]*[a-z])(?=[\w.~+=-]*\d)[\w.~+=-]{20,}")
_REFUSED_LOGIN = re.compile(r"(invalid_client|invalid_request|unauthorized_client|access_denied)\b")


@contextmanager
def translated(options: WorkspaceOptions) -> Iterator[None]:
    """Turn what the SDK raises into the workspace's errors, without the answers it quotes."""
    try:
        yield
    # `from None`: the SDK's own words may hold whole answers, and a traceback would print them.
    except WorkspaceError as error:
        raise error from None
    except Exception as error:  # noqa: BLE001
        raise _translated(error, options) from None


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Return an error and what it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _translated(error: BaseException, options: WorkspaceOptions) -> WorkspaceError:
    from databricks.sdk.errors import NotFound, PermissionDenied, Unauthenticated
    from databricks.sdk.errors.base import DatabricksError

    # The SDK passes on what its config refuses as a ValueError.
    refused = next((one for one in causes(error) if isinstance(one, WorkspaceError)), None)
    if refused is not None:
        return refused
    # The SDK's retries end in a TimeoutError, its set-up in a ValueError; what was wrong is below.
    error = next((one for one in causes(error) if isinstance(one, DatabricksError)), error)
    place = options.place
    match error:
        case NotFound():
            return errors.not_found(place, _said(error))
        case Unauthenticated():
            return errors.not_logged_in(place, _said(error))
        case PermissionDenied():
            return errors.not_permitted(place, _said(error))
        case DatabricksError():
            return errors.unavailable(
                place, _said(error), retry_after=_seconds(error.retry_after_secs)
            )
        case json.JSONDecodeError():
            return errors.unreadable_answer(place)
        case TimeoutError():
            return errors.no_answer(place)
        case OSError():
            # requests' errors are among them: ConnectionError, ReadTimeout, SSLError.
            return errors.unreachable(place, type(error).__name__)
        case ValueError():
            return _login(error, options)
        case _:
            # NotImplementedError, KeyError and their like: what the SDK makes of odd answers.
            return errors.unreadable_answer(place)


def _login(error: ValueError, options: WorkspaceOptions) -> WorkspaceError:
    """Sort what the SDK raises as ValueError: its own set-up, and a token endpoint's refusal."""
    text = str(error)
    if "more than one authorization method" in text:
        return errors.ambiguous_login(" and ".join(_login_variables(options)))
    if refused := _REFUSED_LOGIN.search(text):
        return errors.login_refused(options.place, refused[1])
    if options.databricks_profile and "profile configured" in text:
        return errors.no_profile(options.databricks_profile)
    inner = next((one for one in causes(error.__cause__) if isinstance(one, OSError)), None)
    if inner is not None:
        return _translated(inner, options)
    if " auth: " in text or "authenticat" in text:
        return errors.no_way_to_log_in(options.place)
    if "query returned" in text:
        # No Spark version of the kind that DQX asks for (databricks-sdk 0.156, mixins/compute.py).
        return errors.unreadable_answer(options.place)
    return errors.unavailable(options.place, "its token endpoint failed")


def _login_variables(options: WorkspaceOptions) -> list[str]:
    """Return what is set and says how to log in, by the SDK's own list of variables."""
    from databricks.sdk.config import Config

    names = {
        attribute.env
        for attribute in Config.attributes()
        if attribute.auth and attribute.env and os.environ.get(attribute.env)
    }
    return sorted(names | set(options.login_variables)) or ["the profile's entries"]


def _said(error: "DatabricksError") -> str:
    """Return the error code and the first line of a short message."""
    code = error.error_code or type(error).__name__
    lines = str(error).splitlines()
    # The SDK's own words for an answer that it can't read quote the whole of it.
    if not lines or "unable to parse response" in lines[0]:
        return code
    # It appends its config to some messages.
    line = lines[0].partition(". Config: ")[0]
    return f"{code}: {_TOKEN_LIKE.sub('****', redacted(line[:_READ]))[:_LONGEST]}"


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
