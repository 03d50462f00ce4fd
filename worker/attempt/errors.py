"""Why a request or a schema of it can't be worked on: types, and beside them the words.

Each function is one message; its docstring says what causes it, its `cure` what to do, and
docs/errors.md is made of them.
"""

from worker.telemetry.cures import message

__all__ = ["RequestRefused"]

_EXAMPLE = 'expected a JSON array of schema names such as ["orders"]'


class RequestRefused(Exception):
    """The request can't be worked on at all. The message is for its sender."""


@message(cure="insert a new request; a longer wait is allowed with DQX_WORKER_MAX_REQUEST_AGE.")
def too_old(age: str, limit: str) -> RequestRefused:
    """The request has waited longer than the limit since a worker first saw it.

    No attempt at it was ever made.
    """
    return RequestRefused(
        f"The request has waited for {age} and was never worked on; after {limit} "
        "(DQX_WORKER_MAX_REQUEST_AGE) a request is not begun any more: send a new one"
    )


@message(cure="correct the options, which are a JSON object, and send a new request.")
def bad_options(problem: str) -> RequestRefused:
    """The run's row in the worker's table run_options can't be used: a name or a value is wrong."""
    return RequestRefused(f"The run's options can't be used: {problem}")


@message(cure="insert a request with a JSON array of schema names.")
def no_schema_names() -> RequestRefused:
    """The request's `schema_names` is NULL."""
    return RequestRefused(f"The request has no schema_names: {_EXAMPLE}")


@message(cure="insert a request with a JSON array of schema names.")
def not_json() -> RequestRefused:
    """The request's `schema_names` can't be read as JSON."""
    return RequestRefused(f"schema_names is not JSON: {_EXAMPLE}")


@message(cure="put the name in brackets.")
def not_an_array() -> RequestRefused:
    """The request's `schema_names` is JSON, but no array."""
    return RequestRefused(f"schema_names is not an array: {_EXAMPLE}")


@message(cure="name at least one schema.")
def no_names() -> RequestRefused:
    """The request's `schema_names` is an empty array."""
    return RequestRefused(f"schema_names is empty: {_EXAMPLE}")


@message(cure="put names in quotes, and leave out the others.")
def not_text() -> RequestRefused:
    """The request's `schema_names` holds a number, a null or another thing that is no name."""
    return RequestRefused(f"schema_names holds something that is not text: {_EXAMPLE}")


@message(cure="send several requests, each with some of the names.")
def names_too_long(limit: object) -> RequestRefused:
    """The request's `schema_names` is longer than any list of names should be; it was not read."""
    return RequestRefused(f"schema_names has more than {limit} characters: {_EXAMPLE}")


@message(cure="ask for the schema by its name, or shorten that in the contract.")
def name_too_long(limit: object) -> str:
    """The schema's name is longer than the indexes on names take.

    Its beginning stands for it in `summary_stats`, with its length and a hash.
    """
    return f"the schema's name has more than {limit} characters: shorten it"


@message(cure="send several requests, or raise DQX_WORKER_MAX_SCHEMAS.")
def too_many_schemas(count: object, limit: object) -> RequestRefused:
    """The request names more schemas than a run may have."""
    return RequestRefused(
        f"The request names {count} schemas, the limit is {limit} (DQX_WORKER_MAX_SCHEMAS): "
        "send several requests"
    )


@message(cure="add a schema object with a physical name to the contract.")
def no_schema_objects(contract: str) -> RequestRefused:
    """The contract has no schema objects, or was deleted before the request was begun."""
    return RequestRefused(
        f"Contract {contract} has no schema objects: add one with a physical name"
    )


@message(cure="ask for one of the names that are listed.")
def unknown_schema(name: str, known: str) -> str:
    """The contract has no schema object of this name; the nearest names are listed first."""
    return f"the contract has no schema {name}; it has {known}"


@message(cure="rename all but one.")
def ambiguous_schema(name: str, count: object) -> str:
    """Several schema objects of the contract have this name."""
    return f"the contract has {count} schemas named {name}: rename all but one"


@message(cure="split the schema, or leave out properties that no check is about.")
def schema_too_large(properties: object, characters: object, text: object) -> str:
    """The schema object has more properties than are read of one, or texts that are too long.

    All properties count, nested ones too, with the characters of their names and options.
    """
    return (
        f"the schema has more than {properties} properties, {characters} characters in them, or a "
        f"property's name of more than {text} characters"
    )


@message(cure="ask for the schemas that failed for this reason in another request.")
def too_many_properties(properties: object) -> str:
    """The schemas of the request have together more properties than are read for one run."""
    return (
        f"the schemas of the request have more than {properties} properties: ask for this one in "
        "another request"
    )


@message(cure="correct the physical name.")
def physical_name_too_long(limit: object) -> str:
    """The schema object's physical name is longer than any name of a table."""
    return f"the schema's physical name has more than {limit} characters: correct it"


@message(cure="give it a physical name.")
def no_physical_name() -> str:
    """The schema object does not say which table it means."""
    return "the schema has no physical name: give it a table to read"


@message(cure="leave the column out of the filter, or all values: `mail IS NOT NULL`.")
def personal_filter() -> str:
    """The filter of the run's options names a personal column, and has numbers or texts.

    Every rule repeats the filter, and they may be values of that column.
    """
    return "the filter names a column of personal data beside values, which every rule would repeat"


@message(
    cure=("launch the job again for a new run, or for this one after it was set back to `pending`.")
)
def job_stopped() -> str:
    """The process of `dqx-worker job` got a signal to stop before the run had ended.

    The timeout that its launcher set may have passed, or someone cancelled the launch.
    """
    return "the job was stopped before it had ended"


@message(cure="none is needed; nothing more was written of it.")
def schema_vanished() -> str:
    """The schema was deleted from the contract, or renamed, while its table was profiled."""
    return "the schema was deleted from the contract while it was profiled"


@message(cure="send a new request, which profiles the other table.")
def physical_name_changed() -> str:
    """The schema was edited while its table was profiled, and now means another table."""
    return "the schema's physical name was changed while its table was profiled: send a new request"


@message(
    cure=("ask for the rest with a new request of fewer schemas, or raise DQX_WORKER_RUN_DEADLINE.")
)
def run_deadline(limit: str) -> str:
    """The run was in work for longer than a run may be; what is done of it stays."""
    return f"the run was not done within {limit} (DQX_WORKER_RUN_DEADLINE)"


@message(cure="none is needed; what the run's row says now is what counts.")
def taken_away() -> str:
    """Another program set another status or deleted the run, or another worker holds its lease."""
    return "another program decided the run, or another worker holds it now"


@message(cure="none is needed; another worker takes it, or this one after its restart.")
def worker_stopped() -> str:
    """The worker was asked to stop while it worked on the run, which returns to the queue."""
    return "the worker stopped"


@message(cure="report it with that log.")
def own_error(kind: str) -> str:
    """A defect of the worker or of a library; `dqx-worker --traceback run` logs where it arose."""
    return f"the worker met an error of its own ({kind})"
