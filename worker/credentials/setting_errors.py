"""What the name of a Lakebase database may be refused for, after the name of its variable."""

from worker.telemetry.cures import message


@message(
    cure=(
        "write the endpoint's resource path, as the workspace shows it. A branch, or an instance, "
        "the older kind, is named in LAKEBASE_INSTANCE_NAME; a host in PGHOST."
    )
)
def not_an_endpoint() -> str:
    """LAKEBASE_ENDPOINT is not the path of an endpoint."""
    return "an endpoint is a path such as projects/my-project/branches/production/endpoints/primary"


@message(
    cure=(
        "write the instance's name, as the workspace shows it, or the path of a branch or of an "
        "endpoint; a host belongs in PGHOST."
    )
)
def not_an_instance_name() -> str:
    """LAKEBASE_INSTANCE_NAME holds a host or a UUID; `instance-<uuid>…` is part of a host."""
    return (
        "an instance name is a name such as ontos, not a host and not a UUID; the host, "
        "instance-<uuid>.database..., belongs in PGHOST"
    )


@message(
    cure=(
        "write the resource path of a branch or of an endpoint, as the workspace shows it, without "
        "a slash at its end. An instance, the older kind, has a name and no path."
    )
)
def not_a_branch() -> str:
    """LAKEBASE_INSTANCE_NAME holds a path that is neither a branch's nor an endpoint's."""
    return (
        "a path is a branch such as projects/my-project/branches/production, or an endpoint such "
        "as projects/my-project/branches/production/endpoints/primary"
    )
