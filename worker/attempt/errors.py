"""Why a request or a schema of it can't be worked on: types, and beside them the words.

Each function is one message; its docstring says what causes it and what cures it, and
docs/errors.md is made of them.
"""

__all__ = ["RequestRefused"]

_EXAMPLE = 'expected a JSON array of schema names such as ["orders"]'


class RequestRefused(Exception):
    """The request can't be worked on at all. The message is for its sender."""


def too_old(age: str, limit: str) -> RequestRefused:
    """The request has waited longer than the limit since a worker first saw it.

    No attempt at it was ever made.

    Cure: insert a new request; a longer wait is allowed with DQX_WORKER_MAX_REQUEST_AGE.
    """
    return RequestRefused(
        f"The request has waited for {age} and was never worked on; after {limit} "
        "(DQX_WORKER_MAX_REQUEST_AGE) a request is not begun any more: send a new one"
    )


def bad_options(problem: str) -> RequestRefused:
    """The run's row in the worker's table run_options can't be used: a name or a value is wrong.

    Cure: correct the options, which are a JSON object, and send a new request.
    """
    return RequestRefused(f"The run's options can't be used: {problem}")


def no_schema_names() -> RequestRefused:
    """The request's `schema_names` is NULL.

    Cure: insert a request with a JSON array of schema names.
    """
    return RequestRefused(f"The request has no schema_names: {_EXAMPLE}")


def not_json() -> RequestRefused:
    """The request's `schema_names` can't be read as JSON.

    Cure: insert a request with a JSON array of schema names.
    """
    return RequestRefused(f"schema_names is not JSON: {_EXAMPLE}")


def not_an_array() -> RequestRefused:
    """The request's `schema_names` is JSON, but no array.

    Cure: put the name in brackets.
    """
    return RequestRefused(f"schema_names is not an array: {_EXAMPLE}")


def no_names() -> RequestRefused:
    """The request's `schema_names` is an empty array.

    Cure: name at least one schema.
    """
    return RequestRefused(f"schema_names is empty: {_EXAMPLE}")


def not_text() -> RequestRefused:
    """The request's `schema_names` holds a number, a null or another thing that is no name.

    Cure: put names in quotes, and leave out the others.
    """
    return RequestRefused(f"schema_names holds something that is not text: {_EXAMPLE}")


def names_too_long(limit: object) -> RequestRefused:
    """The request's `schema_names` is longer than any list of names should be; it was not read.

    Cure: send several requests, each with some of the names.
    """
    return RequestRefused(f"schema_names has more than {limit} characters: {_EXAMPLE}")


def name_too_long(limit: object) -> str:
    """The schema's name is longer than the indexes on names take.

    Its beginning stands for it in `summary_stats`, with its length and a hash.

    Cure: ask for the schema by its name, or shorten that in the contract.
    """
    return f"the schema's name has more than {limit} characters: shorten it"


def too_many_schemas(count: object, limit: object) -> RequestRefused:
    """The request names more schemas than a run may have.

    Cure: send several requests, or raise DQX_WORKER_MAX_SCHEMAS.
    """
    return RequestRefused(
        f"The request names {count} schemas, the limit is {limit} (DQX_WORKER_MAX_SCHEMAS): "
        "send several requests"
    )


def no_schema_objects(contract: str) -> RequestRefused:
    """The contract has no schema objects, or was deleted before the request was begun.

    Cure: add a schema object with a physical name to the contract.
    """
    return RequestRefused(
        f"Contract {contract} has no schema objects: add one with a physical name"
    )


def unknown_schema(name: str, known: str) -> str:
    """The contract has no schema object of this name; the nearest names are listed first.

    Cure: ask for one of the names that are listed.
    """
    return f"the contract has no schema {name}; it has {known}"


def ambiguous_schema(name: str, count: object) -> str:
    """Several schema objects of the contract have this name.

    Cure: rename all but one.
    """
    return f"the contract has {count} schemas named {name}: rename all but one"


def schema_too_large(properties: object, characters: object, text: object) -> str:
    """The schema object has more properties than are read of one, or texts that are too long.

    All properties count, nested ones too, with the characters of their names and options.

    Cure: split the schema, or leave out properties that no check is about.
    """
    return (
        f"the schema has more than {properties} properties, {characters} characters in them, or a "
        f"property's name of more than {text} characters"
    )


def too_many_properties(properties: object) -> str:
    """The schemas of the request have together more properties than are read for one run.

    Cure: ask for the schemas that failed for this reason in another request.
    """
    return (
        f"the schemas of the request have more than {properties} properties: ask for this one in "
        "another request"
    )


def physical_name_too_long(limit: object) -> str:
    """The schema object's physical name is longer than any name of a table.

    Cure: correct the physical name.
    """
    return f"the schema's physical name has more than {limit} characters: correct it"


def no_physical_name() -> str:
    """The schema object does not say which table it means.

    Cure: give it a physical name.
    """
    return "the schema has no physical name: give it a table to read"


def personal_filter() -> str:
    """The filter of the run's options names a personal column, and has numbers or texts.

    Every rule repeats the filter, and they may be values of that column.

    Cure: leave the column out of the filter, or all values: `mail IS NOT NULL`.
    """
    return "the filter names a column of personal data beside values, which every rule would repeat"


def job_stopped() -> str:
    """The process of `dqx-worker job` was told to stop before the run had ended.

    The timeout that its launcher set may have passed, or someone cancelled the launch.

    Cure: launch the job again for a new run, or for this one after it was set back to `pending`.
    """
    return "the job was stopped before it had ended"


def schema_vanished() -> str:
    """The schema was deleted from the contract, or renamed, while its table was profiled.

    Cure: none is needed; nothing more was written of it.
    """
    return "the schema was deleted from the contract while it was profiled"


def physical_name_changed() -> str:
    """The schema was edited while its table was profiled, and now means another table.

    Cure: send a new request, which profiles the other table.
    """
    return "the schema's physical name was changed while its table was profiled: send a new request"


def run_deadline(limit: str) -> str:
    """The run was in work for longer than a run may be; what is done of it stays.

    Cure: ask for the rest with a new request of fewer schemas, or raise DQX_WORKER_RUN_DEADLINE.
    """
    return f"the run was not done within {limit} (DQX_WORKER_RUN_DEADLINE)"


def taken_away() -> str:
    """Another program set another status or deleted the run, or another worker holds its lease.

    Cure: none is needed; what the run's row says now is what counts.
    """
    return "another program decided the run, or another worker holds it now"


def worker_stopped() -> str:
    """The worker was told to stop while it worked on the run, which goes back to the queue.

    Cure: none is needed; another worker takes it, or this one after its restart.
    """
    return "the worker stopped"


def own_error(kind: str) -> str:
    """A defect of the worker or of a library; `dqx-worker --traceback run` logs where it arose.

    Cure: report it with that log.
    """
    return f"the worker met an error of its own ({kind})"


def tables_failed(failed: object, total: object, noun: str, causes: str) -> str:
    """At least one table of the run failed; what the others gave is kept.

    Cure: see each cause, then ask for the failed schemas again.
    """
    return f"Failed to profile {failed} of {total} {noun}: {causes}"
