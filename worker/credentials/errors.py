"""Why there is no credential: one type for who waits for it, and beside it the words.

Each function is one message; its docstring says what causes it, its `cure` what to do, and
docs/errors.md is made of them. What a provider fails with is the workspace's error.
"""

from worker.telemetry.cures import message
from worker.workspace.errors import WorkspaceRefused, WorkspaceUnavailable

__all__ = ["CredentialError"]


class CredentialError(Exception):
    """No credential is available now; the message says for what and why."""


@message(cure="that of the reason, under 'The workspace' on this page.")
def no_credential(subject: str, reason: object) -> CredentialError:
    """No database token was minted in time, and the last one has expired. The reason follows."""
    return CredentialError(f"No database token for {subject}: {reason}")


@message(
    cure=(
        "wait: the worker tries again. If it lasts, check in the workspace whether the database is "
        "running."
    )
)
def no_token(subject: str) -> WorkspaceUnavailable:
    """The workspace answered the request for a database token without one."""
    return WorkspaceUnavailable(f"the workspace's answer for {subject} has no token")


@message(cure="name the Postgres role in PGUSER.")
def no_principal(subject: str) -> WorkspaceUnavailable:
    """The workspace does not say whose identity it is that asks for a database token."""
    return WorkspaceUnavailable(
        f"the workspace does not say which role is to log in to {subject}: set PGUSER"
    )


@message(
    cure=(
        "wait: the worker tries again. If it lasts, check in the workspace whether the database is "
        "running."
    )
)
def no_host(subject: str) -> WorkspaceUnavailable:
    """The workspace does not say where the database is, perhaps because it is being made."""
    return WorkspaceUnavailable(f"the workspace does not say where {subject} is")


@message(
    cure=(
        "unset PGHOST and POSTGRES_HOST, and the job's parameter `postgres_host`, or correct them; "
        "or correct LAKEBASE_ENDPOINT or LAKEBASE_INSTANCE_NAME. If a tunnel or a proxy leads to "
        "the database, have this machine resolve the database's own name to it (`/etc/hosts`)."
    )
)
def another_host(host: str, subject: str, named: str) -> WorkspaceRefused:
    """The host of Postgres is configured and is not one at which the database takes writes.

    No token is minted: it would be sent to that host.
    """
    return WorkspaceRefused(f"the host {host} is not that of {subject}, which is at {named}")


@message(
    cure=(
        "add a read-write endpoint (compute) to the branch in the workspace, or name another "
        "branch in LAKEBASE_INSTANCE_NAME."
    )
)
def no_read_write_endpoint(branch: str) -> WorkspaceRefused:
    """The branch has no endpoint, or read-only endpoints alone."""
    return WorkspaceRefused(f"the branch {branch} has no read-write endpoint")


@message(cure="check the network to DATABRICKS_HOST; the worker goes on asking.")
def not_yet() -> str:
    """The workspace did not answer in the time for which a connection waits for a token."""
    return "the workspace has not answered yet"
