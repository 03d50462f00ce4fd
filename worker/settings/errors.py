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
