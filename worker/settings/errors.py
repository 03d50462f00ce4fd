"""What can be wrong with the environment: one type, and beside it the words.

Each function is one message; its docstring says what causes it, its `cure` what to do, and
docs/errors.md is made of them.
"""

from worker.telemetry.cures import message

__all__ = ["ConfigurationError"]


class ConfigurationError(Exception):
    """The environment is wrong; the message names each variable and what would be right."""


@message(cure="set one of them.")
def not_set(variables: str) -> str:
    """A setting that has no default is in none of its variables."""
    return f"{variables} is not set"


@message(cure="remove it; `dqx-worker config` lists the settings.")
def unknown_variable(name: str) -> str:
    """A variable begins with DQX_WORKER_ and is no setting, nor like one."""
    return f"{name} is not a setting"


@message(cure="correct its name.")
def misspelt_variable(name: str, nearest: str) -> str:
    """A variable begins with DQX_WORKER_ and is no setting; the nearest one is named."""
    return f"{name} is not a setting (did you mean {nearest}?)"


@message(
    cure=("do what the reason says; docs/configuration.md lists each setting with its default.")
)
def wrong_value(variable: str, reason: str) -> str:
    """The value of a variable is of the wrong kind or out of its range."""
    return f"{variable}: {reason}"


@message(cure="write it as in the example.")
def not_a_duration() -> str:
    """The value of a duration is not a number with a unit."""
    return "a duration is a number with ms, s, m, h or d, such as 15s"


@message(cure="write it as in the example; an IPv6 address stands in brackets.")
def not_an_address() -> str:
    """DQX_WORKER_PROBES is neither a host with a port nor `off`."""
    return "an address is a host and a port, such as 127.0.0.1:8686 or [::1]:8686, or off"


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


@message(
    cure=(
        "write the name or the address alone; the port belongs in POSTGRES_PORT, a user in "
        "POSTGRES_USER."
    )
)
def not_a_host() -> str:
    """The host of Postgres is a URL, or has its port or a blank in it."""
    return "a host is a name or an address, such as db.example, not a URL and without a port"


@message(
    cure=("leave the parameter out, or correct it; if the host has changed, correct the variable.")
)
def another_host(given: str, variable: str, own: str) -> str:
    """`dqx-worker job --postgres_host` would have the environment's password sent elsewhere."""
    return (
        f"--postgres_host ({given}) and {variable} ({own}) contradict: the password that is set is "
        f"for {own}"
    )


@message(cure="unset one of them; both may name the same endpoint.")
def two_lakebases() -> str:
    """Two databases are named to log in to."""
    return (
        "LAKEBASE_ENDPOINT and LAKEBASE_INSTANCE_NAME contradict: each names a database to log in "
        "to; unset one"
    )


@message(
    cure=(
        "write it as in the example; what it is to be told comes after a slash, each with a "
        "semicolon before it: `sc://spark.example:15002/;use_ssl=true;token=…`."
    )
)
def not_a_remote() -> str:
    """SPARK_REMOTE is not the address of a Spark Connect server."""
    return "a Spark Connect server is an address such as sc://spark.example:15002"


@message(
    cure=("add `;use_ssl=true`, or write the login as `;token=…`, which is sent under TLS alone.")
)
def remote_in_the_clear() -> str:
    """SPARK_REMOTE names another machine and has a login that would travel to it unencrypted."""
    return "a login is sent to a Spark Connect server under TLS alone: add ;use_ssl=true"


@message(cure="set SPARK_REMOTE to the server's address, such as `sc://spark.example:15002`.")
def no_remote() -> str:
    """The engine `connect` is chosen, or its extra is installed, and no server is named."""
    return "SPARK_REMOTE is not set: the engine 'connect' needs the address of a server, sc://…"


@message(cure="mount it, or correct the path.")
def no_secrets_folder(folder: str) -> str:
    """DQX_WORKER_SECRETS is not a folder that can be read."""
    return f"DQX_WORKER_SECRETS: {folder} is not a folder that can be read"


@message(
    cure=(
        "give the file to the user that the worker runs as (10001 in the image), or let all read "
        "it; it has to hold UTF-8."
    )
)
def secret_unreadable(folder: str, kind: str) -> str:
    """A file in the folder of secrets is not the worker's to read, or is no text."""
    return f"DQX_WORKER_SECRETS: a file in {folder} can't be read ({kind})"


@message(cure="write it as in the example.")
def not_a_heap() -> str:
    """The size of the heap is not a number with a unit, or is smaller than Spark takes."""
    return "a heap is a number with m or g, such as 2g"


@message(cure="write a shorter one.")
def too_long_a_duration() -> str:
    """The value of a duration is longer than a year."""
    return "a duration is at most 365d"


@message(cure="give DQX_WORKER_SCHEMA another name.")
def same_schema(variable: str, schema: str) -> str:
    """The worker's own tables would lie among the backend's, whose migrations would meet them."""
    return f"{variable} and DQX_WORKER_SCHEMA contradict: both are {schema}"


@message(cure="make DQX_WORKER_CLAIM_DELAY shorter or DQX_WORKER_MAX_REQUEST_AGE longer.")
def never_claimed(delay: str, age: str) -> str:
    """A request would be too old as soon as it is old enough to be claimed."""
    return (
        f"DQX_WORKER_CLAIM_DELAY ({delay}) and DQX_WORKER_MAX_REQUEST_AGE ({age}) contradict: "
        "no request could ever be begun"
    )


@message(
    cure=("set DQX_WORKER_TABLES to patterns such as `main.sales.*`, or to `*` for every table.")
)
def tables_not_named(engine: str) -> str:
    """Anyone who edits a contract could have the worker read every table that its rights allow."""
    return (
        f"DQX_WORKER_TABLES is not set: with the engine '{engine}' name the tables that may be "
        "profiled, such as main.sales.*, or * for all"
    )
