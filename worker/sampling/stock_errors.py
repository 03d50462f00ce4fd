"""Why stock DQX counts a column, and why it may not: the words.

Each function is one message; its docstring says what causes it, its `cure` what to do, and
docs/errors.md is made of them.
"""

from worker.tables.errors import TableError
from worker.telemetry.cures import message


@message(cure="set DQX_WORKER_PROFILER=auto.")
def stock_is_off(reason: str) -> TableError:
    """Only stock DQX could profile the table, and DQX_WORKER_PROFILER=fast rules that out."""
    return TableError(f"only stock DQX can profile it ({reason}): DQX_WORKER_PROFILER is fast")


@message(cure="none is needed; the worker compares it at its start.")
def unverified_dqx(version: str) -> str:
    """The installed version of DQX is not one that the worker's counts were compared with."""
    return f"DQX {version} is not a verified version"


@message(cure="none is needed; the worker compares it at its start.")
def unverified_spark(version: str) -> str:
    """The engine's Spark is not one that the worker's counts were compared on."""
    return f"Spark {version} is not a verified version"


@message(
    cure=(
        "none is needed if that is done before the worker's start, which compares it; one that "
        "comes later takes effect with stock DQX's speed until the worker is restarted."
    )
)
def not_dqxs_own(kind: str, name: str) -> str:
    """A builder or metric was registered with DQX, replaced or taken out."""
    return f"the {kind} {name} is not DQX's own"


@message(
    cure=(
        "install a version that the first words do not name, with `pip install "
        "'databricks-labs-dqx==…'`, or take out the builder; and report the difference."
    )
)
def differs(because: str, difference: object) -> str:
    """At its start the worker compared its own counts with stock DQX's, and they differ.

    Every table is left to stock DQX: its result is right, and takes far longer.
    """
    return f"{because}, and differs from the worker's counts: {difference}"


@message(
    cure=(
        "see to the reason and restart the worker; or install a verified version, with `pip "
        "install 'databricks-labs-dqx==…'`."
    )
)
def not_compared(because: str, reason: str) -> str:
    """At its start the worker could not compare its own counts with stock DQX's.

    Every table is left to stock DQX: its result is right, and takes far longer.
    """
    return f"{because}, and could not be compared with the worker's counts: {reason}"


@message(cure="none is needed; with a verified version such columns are profiled sooner.")
def asks_for_more(because: str, columns: str, reason: str) -> str:
    """The worker's counts equal stock DQX's, but for columns of which DQX asks for more.

    Stock DQX profiles such columns of every table, which takes longer.
    """
    return f"{because}: only stock DQX can count columns such as {columns} ({reason})"


@message(cure="none is needed; without that column the table is profiled sooner.")
def unverified_type(column: str, kind: str) -> str:
    """A column is of a type that the worker's counts were not compared with stock DQX on."""
    return f"column {column} is of type {kind}"


@message(cure="report it; it should not happen with a verified version.")
def unknown_call(call: str) -> str:
    """A builder of DQX asked for something that the worker does not count."""
    return f"a builder asks for {call}"


@message(cure="none needed, the other columns are profiled; rename one of the two.")
def same_name() -> str:
    """Two columns of a table have the same name, so that neither can be meant."""
    return "another column has the same name"
