"""Which way of getting a password, and what it needs."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import SecretStr

from worker.credentials.lakebase_names import EndpointName, LakebaseName
from worker.options.setting import setting
from worker.options.values import Name, Secret

__all__ = ["CredentialOptions", "CredentialSettings"]


@dataclass(frozen=True, kw_only=True)
class CredentialSettings:
    """What an operator may set of the login to Postgres."""

    user: Annotated[
        Name | None,
        setting(
            ("PGUSER", "POSTGRES_USER"),
            "The worker's Postgres role. Required unless a LAKEBASE_ variable is set.",
        ),
    ] = None
    password: Annotated[
        Secret, setting(("PGPASSWORD", "POSTGRES_PASSWORD"), "Password of that role.")
    ] = SecretStr("")
    lakebase_endpoint: Annotated[
        EndpointName | None,
        setting(
            "LAKEBASE_ENDPOINT",
            "Lakebase endpoint to log in to with tokens: `projects/…/branches/…/endpoints/…`.",
        ),
    ] = None
    lakebase_instance: Annotated[
        LakebaseName | None,
        setting(
            "LAKEBASE_INSTANCE_NAME",
            "Lakebase database to log in to with tokens: the name of a provisioned instance, a "
            "branch (`projects/…/branches/…`, of which the read-write endpoint is used), or an "
            "endpoint.",
        ),
    ] = None
    token_user: Annotated[
        Name | None,
        setting(
            "PGUSER",
            "Postgres role for a login with tokens. The default is the name by which the workspace"
            " knows the worker.",
        ),
    ] = None

    @property
    def uses_token(self) -> bool:
        """Whether Postgres is entered with tokens instead of a static password."""
        return self.lakebase_endpoint is not None or self.lakebase_instance is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialOptions:
    """The options of the credentials room: one Lakebase database, or else a static password."""

    user: str | None
    """The principal; None if the workspace is to be asked, which only a token allows."""
    password: SecretStr
    endpoint: str | None
    branch: str | None
    instance: str | None
    host: str | None
    """Where Postgres is, if that is configured; a token goes there if the workspace agrees."""
