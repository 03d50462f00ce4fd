"""What a setting of Spark may be refused for: the words, after the name of its variable."""

from worker.telemetry.cures import message


@message(cure="write it as in the example.")
def not_a_heap() -> str:
    """The size of the heap is not a number with a unit, or is smaller than Spark takes."""
    return "a heap is a number with m or g, such as 2g"


@message(
    cure=(
        "write it as in the example; parameters come after a slash, each with a "
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
