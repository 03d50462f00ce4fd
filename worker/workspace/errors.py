"""What can go wrong with the workspace: a type by what the caller does about it, and the words.

Each function is one message; its docstring says what causes it, its `cure` what to do, and
docs/errors.md is made of them.
"""

from worker.telemetry.cures import message

__all__ = ["WorkspaceError", "WorkspaceRefused", "WorkspaceUnavailable"]


class WorkspaceError(Exception):
    """The workspace did not do what it was asked; `retry_after` is in seconds, if it said so."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class WorkspaceUnavailable(WorkspaceError):
    """The workspace can't be reached or can't answer now: try again later."""


class WorkspaceRefused(WorkspaceError):
    """The workspace said no, or the SDK found no way to ask: a person has to change something."""


@message(
    cure=(
        "correct LAKEBASE_INSTANCE_NAME (a name such as `ontos`, never a host or a UUID; or the "
        "path of a branch or endpoint) or LAKEBASE_ENDPOINT, or DATABRICKS_HOST: the workspace has "
        "to be the one that owns the database."
    )
)
def not_found(place: str, said: str) -> WorkspaceRefused:
    """The workspace has no such database instance, branch or endpoint."""
    return WorkspaceRefused(f"{place} does not have it ({said})")


@message(
    cure=(
        "check DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET, or DATABRICKS_TOKEN; an OAuth "
        "secret or a token may have expired."
    )
)
def not_logged_in(place: str, said: str) -> WorkspaceRefused:
    """The workspace does not accept the worker's own login."""
    return WorkspaceRefused(f"{place} does not accept the worker's login ({said})")


@message(
    cure=(
        "let the identity behind DATABRICKS_CLIENT_ID or DATABRICKS_TOKEN use the database "
        "instance or project (CAN USE), and give it a Postgres role. A personal token that is "
        "over, or of another workspace, may be refused in this way too, and so may an address by "
        "an IP access list."
    )
)
def not_permitted(place: str, said: str) -> WorkspaceRefused:
    """The worker's identity may not use the database."""
    return WorkspaceRefused(f"{place} does not permit it ({said})")


@message(
    cure=(
        "check DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET; the secret may have expired. See "
        "that DATABRICKS_HOST is the workspace that this principal belongs to."
    )
)
def login_refused(place: str, code: str) -> WorkspaceRefused:
    """The workspace's token endpoint refuses the client's id or secret."""
    return WorkspaceRefused(f"{place} refuses DATABRICKS_CLIENT_ID or its secret ({code})")


@message(
    cure=("unset all but one way, or choose with DATABRICKS_AUTH_TYPE (`oauth-m2m`, `pat`, ...).")
)
def ambiguous_login(variables: str) -> WorkspaceRefused:
    """Several variables each say how to log in to the workspace, in different ways."""
    return WorkspaceRefused(
        f"{variables} are set and are different ways to log in to the workspace: unset all but "
        "one way, or choose with DATABRICKS_AUTH_TYPE, such as oauth-m2m or pat"
    )


@message(
    cure=(
        "set DATABRICKS_HOST with DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET, or with "
        "DATABRICKS_TOKEN; check that DATABRICKS_HOST is a workspace, and that "
        "DATABRICKS_AUTH_TYPE, if it is set, is the way that these variables are for."
    )
)
def no_way_to_log_in(place: str) -> WorkspaceRefused:
    """The SDK found no login for the workspace, or the workspace does not say where to log in."""
    return WorkspaceRefused(
        f"No way to log in to {place}: set DATABRICKS_HOST to a workspace, with "
        "DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET or with DATABRICKS_TOKEN"
    )


@message(
    cure=(
        "correct it, or name the file that has it in DATABRICKS_CONFIG_FILE (`~/.databrickscfg`); "
        "a container has a file of its own, or none."
    )
)
def no_profile(profile: str) -> WorkspaceRefused:
    """DATABRICKS_CONFIG_PROFILE names a profile that the SDK's file of profiles does not have."""
    return WorkspaceRefused(
        f"There is no profile {profile} to log in to the workspace with: check "
        "DATABRICKS_CONFIG_PROFILE and DATABRICKS_CONFIG_FILE"
    )


@message(
    cure=(
        "write `https://` and the host, as a browser shows it; a path behind it may stay. A login "
        "belongs in DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET, or in DATABRICKS_TOKEN."
    )
)
def not_an_address() -> str:
    """The workspace's address has no host, or holds a login, a blank or a port that is none."""
    return "a workspace is an address such as https://dbc-a1b2.cloud.databricks.com"


@message(cure="write `https://`. Without TLS a login goes to loopback addresses alone.")
def in_the_clear(address: str) -> str:
    """The worker's login would travel unencrypted to another machine."""
    return f"{address} is not encrypted: a login is sent to https:// or to this machine alone"


@message(cure="add `127.0.0.1,localhost,::1` to NO_PROXY.")
def through_a_proxy(address: str) -> str:
    """A loopback address without TLS, and HTTP_PROXY has it reached through another machine."""
    return f"{address} is not encrypted, and HTTP_PROXY leads to it: set NO_PROXY"


@message(
    cure=(
        "write `https://` and the host there. If the workspace itself names such an address, check "
        "that DATABRICKS_HOST is the workspace."
    )
)
def address_refused(name: str, reason: str) -> WorkspaceRefused:
    """An address of the SDK's config is one that the worker sends no login to.

    `host` is from a profile of `.databrickscfg` or from Databricks' runtime, `discovery_url` from
    DATABRICKS_DISCOVERY_URL, a profile or the workspace's description of itself, `token_endpoint`
    from what that address answers, and `metadata_service_url` from DATABRICKS_METADATA_SERVICE_URL
    or a profile.
    """
    return WorkspaceRefused(f"{name}: {reason}")


@message(
    cure=(
        "check DATABRICKS_HOST; if a proxy lies in between, correct the addresses that it answers."
    )
)
def redirected_in_the_clear(place: str, target: str) -> WorkspaceRefused:
    """An encrypted address, or one on this machine, sends its callers to one that is neither."""
    return WorkspaceRefused(f"{place} redirects to {target}, which is not encrypted")


@message(
    cure=(
        "correct DATABRICKS_HOST: `https://` and the workspace's host, without the path that a "
        "browser shows; or name the place where it says how to log in in DATABRICKS_DISCOVERY_URL."
    )
)
def not_a_workspace(place: str) -> WorkspaceRefused:
    """The host does not describe itself as a workspace does (`/.well-known/databricks-config`)."""
    return WorkspaceRefused(
        f"{place} is not a Databricks workspace, or does not say how to log in: check "
        "DATABRICKS_HOST"
    )


@message(
    cure=(
        "wait: the worker tries again, later each time, and as late as the workspace asks. If it "
        "lasts, look at the workspace's status and its rate limits."
    )
)
def unavailable(place: str, said: str, *, retry_after: float | None = None) -> WorkspaceUnavailable:
    """The workspace answered that it can't just now, or that too much is asked of it."""
    return WorkspaceUnavailable(f"{place} can't answer now ({said})", retry_after=retry_after)


@message(cure="check DATABRICKS_HOST, the network and its proxy; the worker tries again.")
def unreachable(place: str, kind: str) -> WorkspaceUnavailable:
    """No connection to the workspace could be made, or it broke."""
    return WorkspaceUnavailable(f"{place} can't be reached ({kind})")


@message(cure="check the network to DATABRICKS_HOST; the worker tries again.")
def no_answer(place: str) -> WorkspaceUnavailable:
    """The workspace, or its token endpoint, did not answer in time."""
    return WorkspaceUnavailable(f"{place} did not answer before the deadline")


@message(cure="check that DATABRICKS_HOST is the workspace itself; the worker tries again.")
def unreadable_answer(place: str) -> WorkspaceUnavailable:
    """What came back is not what the workspace's interface promises, perhaps a proxy's page."""
    return WorkspaceUnavailable(f"{place} gave an answer that can't be read")


@message(
    cure=(
        "check the network to DATABRICKS_HOST; a call that never comes back is given up after ten "
        "minutes."
    )
)
def calls_hang(number: int) -> WorkspaceUnavailable:
    """So many calls to the workspace have not come back that no more are begun."""
    return WorkspaceUnavailable(f"{number} calls to the workspace have not come back")
