"""What a backend wants otherwise for one run: a JSON object in the worker's table run_options."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from worker.attempt import errors
from worker.checks.options import CheckOptions
from worker.database.pool import Database
from worker.database.sql import load_sql
from worker.profiling.dqx_options import DqxOptions

__all__ = ["RunOptions", "load_run_options"]

_OPTIONS = load_sql(__package__, "run_options")
_LISTED = 5


class _Choice(BaseModel):
    """Of a run, or of a table."""

    model_config = ConfigDict(extra="forbid", strict=True)

    profiler: DqxOptions = DqxOptions()
    criticality: Literal["error", "warn"] | None = None
    leave_out: list[str] | None = None
    contradictions: bool | None = None


class _Options(_Choice):
    tables: dict[str, _Choice] = {}


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of each table of a run."""

    of_run: Annotated[_Options, Field(repr=False)] = field(default_factory=_Options)

    @classmethod
    def parsed(cls, text: str, names: Sequence[str]) -> "RunOptions":
        """Read the JSON of a request that names these schemas. Raises `RequestRefused`."""
        try:
            options = _Options.model_validate_json(text)
        except ValidationError as error:
            raise errors.bad_options(_said(error)) from None
        unknown = sorted(options.tables.keys() - set(names))
        if unknown:
            raise errors.bad_options(f"tables: the request does not name {', '.join(unknown)}")
        return cls(options)

    def profiler(self, schema_name: str, default: DqxOptions) -> DqxOptions:
        """Return DQX's options for a table."""
        table = self.of_run.tables.get(schema_name, _Choice())
        return table.profiler.over(self.of_run.profiler).over(default)

    def checks(self, schema_name: str, default: CheckOptions) -> CheckOptions:
        """Return which of a table's checks become suggestions."""
        chosen: dict[str, Any] = {
            "criticality": default.criticality,
            "leave_out": default.without,
            "contradictions": default.contradictions,
        }
        for choice in (self.of_run, self.of_run.tables.get(schema_name, _Choice())):
            for name in chosen:
                if (value := getattr(choice, name)) is not None:
                    chosen[name] = value
        return CheckOptions(
            criticality=chosen["criticality"],
            without=frozenset(chosen["leave_out"]),
            contradictions=chosen["contradictions"],
        )


async def load_run_options(database: Database, run_id: str, names: Sequence[str]) -> RunOptions:
    """Return the options of a run, all defaults where it has none. Raises `RequestRefused`."""
    async with database.connection() as connection:
        text = await connection.fetchval(_OPTIONS, run_id)
    return RunOptions() if text is None else RunOptions.parsed(text, names)


def _said(error: ValidationError) -> str:
    """Return what is wrong, without the values that were given."""
    told = []
    for detail in error.errors(include_input=False, include_url=False)[:_LISTED]:
        place = ".".join(str(part) for part in detail["loc"]) or "options"
        told.append(f"{place}: {detail['msg']}")
    return "; ".join(told)
