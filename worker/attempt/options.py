"""The limits of one attempt."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PositiveInt

from worker.options.setting import setting
from worker.options.values import Names, PositiveDuration
from worker.sampling.dqx_options import DqxOptions
from worker.suggestions.options import CheckOptions

__all__ = ["AttemptOptions", "AttemptSettings"]

_PERSONAL = (
    *("pii", "phi", "personal", "personally identifiable", "sensitive", "gdpr"),
    *("restricted", "confidential"),
)


def _from_json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


@dataclass(frozen=True, kw_only=True)
class AttemptSettings:
    """What an operator may set of an attempt, beside what it suggests."""

    max_request_age: Annotated[
        PositiveDuration,
        setting(
            "DQX_WORKER_MAX_REQUEST_AGE",
            "Maximum age of a request, from when a worker first saw it. An older request that was "
            "never begun ends as failed.",
        ),
    ] = timedelta(hours=24)
    max_schemas: Annotated[
        PositiveInt, setting("DQX_WORKER_MAX_SCHEMAS", "Maximum number of schemas in one request.")
    ] = 200
    summary_limit: Annotated[
        int,
        setting(
            "DQX_WORKER_SUMMARY_LIMIT",
            "Maximum size of a run's `summary_stats` in bytes. The least useful statistics are "
            "left out first.",
            ge=1000,
        ),
    ] = 50_000
    """The backend reads all of it at every poll."""
    table_deadline: Annotated[
        PositiveDuration,
        setting(
            "DQX_WORKER_TABLE_DEADLINE",
            "Deadline for reading and profiling one table. Then Spark is interrupted.",
        ),
    ] = timedelta(minutes=30)
    run_deadline: Annotated[
        PositiveDuration,
        setting(
            "DQX_WORKER_RUN_DEADLINE",
            "Deadline for one attempt at a run. Then the run ends as failed.",
        ),
    ] = timedelta(hours=2)
    personal: Annotated[
        Names,
        setting(
            "DQX_WORKER_PERSONAL",
            "Words, separated by commas. If a property's classification or options contain one of "
            "these words, no value of that column is published. If the tags of a schema object do,"
            " no value of any of its columns is. See "
            "[suggestions.md](suggestions.md#personal-data).",
        ),
    ] = _PERSONAL
    profiler_options: Annotated[
        DqxOptions,
        BeforeValidator(_from_json),
        setting(
            "DQX_WORKER_PROFILER_OPTIONS",
            'DQX\'s own options for its profiler, as JSON: `{"max_null_ratio": 0}`.',
        ),
    ] = DqxOptions()


@dataclass(frozen=True, kw_only=True)
class AttemptOptions(AttemptSettings):
    """The options of the attempt room."""

    checks: CheckOptions = field(default_factory=CheckOptions)
