"""What a backend wants otherwise for one run: a JSON object in the worker's table run_options."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from worker.attempt import errors
from worker.database.limited_threads import in_thread
from worker.database.pool import Database
from worker.database.sql import load_sql
from worker.sampling.dqx_options import DqxOptions
from worker.suggestions.options import CheckOptions, Mode, known_functions
from worker.telemetry.text import bounded

__all__ = ["RunOptions", "load_run_options"]

_OPTIONS = load_sql(__package__, "run_options")
_LISTED = 5
# Characters. A message may repeat a name of any length.
_MAX_PROBLEM, _MAX_NAME = 300, 100
_MAX_TEXT = 100_000
"""Characters of the JSON: it is read in one call, during which no other thread runs."""
_PROBLEMS = {"extra_forbidden": "there is no such option here"}


class _Choice(BaseModel):
    """Of a run, or of a table."""

    model_config = ConfigDict(extra="forbid", strict=True)

    profiler: DqxOptions = DqxOptions()
    criticality: Literal["error", "warn"] | None = None
    leave_out: Annotated[list[str], AfterValidator(known_functions)] | None = None
    contradictions: bool | None = None
    suggestions: Mode | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    findings: Annotated[float, Field(ge=0, le=1)] | None = None

    def over(self, default: CheckOptions) -> CheckOptions:
        """Return what is chosen here, and of `default` what is not."""
        return replace(
            default,
            criticality=self.criticality or default.criticality,
            leave_out=default.leave_out if self.leave_out is None else tuple(self.leave_out),
            contradictions=default.contradictions
            if self.contradictions is None
            else self.contradictions,
            mode=self.suggestions or default.mode,
            confidence=default.confidence if self.confidence is None else self.confidence,
            findings=default.findings if self.findings is None else self.findings,
        )


class RunOptions(_Choice):
    """The options of a run, and of its tables by schema name."""

    tables: dict[str, _Choice] = {}

    @classmethod
    def parsed(cls, text: str, names: Sequence[str], default: DqxOptions) -> "RunOptions":
        """Read the JSON of a request that names these schemas; `default` is the worker's own.

        Raises `RequestRefused`.
        """
        if len(text) > _MAX_TEXT:
            raise errors.bad_options(f"they have more than {_MAX_TEXT:,} characters")
        try:
            options = cls.model_validate_json(text)
        except ValidationError as error:
            raise errors.bad_options(_said(error)) from None
        if unknown := sorted(options.tables.keys() - set(names)):
            listed = ", ".join(unknown[:_LISTED])
            problem = bounded(f"tables: the request does not name {listed}", _MAX_PROBLEM)
            raise errors.bad_options(problem)
        for name in names:
            # Two that are right each may contradict each other.
            try:
                DqxOptions.model_validate(options.of_profiler(name, default).given)
            except ValidationError as error:
                problem = f"for {bounded(name, _MAX_NAME)}, {_said(error)}"
                raise errors.bad_options(problem) from None
        return options

    def of_profiler(self, schema_name: str, default: DqxOptions) -> DqxOptions:
        """Return DQX's options for a table."""
        return self._of(schema_name).profiler.over(self.profiler).over(default)

    def of_checks(self, schema_name: str, default: CheckOptions) -> CheckOptions:
        """Return which of a table's checks become suggestions."""
        return self._of(schema_name).over(self.over(default))

    def _of(self, schema_name: str) -> _Choice:
        return self.tables.get(schema_name, _Choice())


async def load_run_options(
    database: Database, run_id: str, names: Sequence[str], default: DqxOptions
) -> RunOptions:
    """Return the options of a run, nothing but defaults if it has none.

    Raises `RequestRefused`.
    """
    async with database.connection() as connection:
        text = await connection.fetchval(_OPTIONS, run_id, _MAX_TEXT + 1)
    return (
        RunOptions() if text is None else await in_thread(RunOptions.parsed, text, names, default)
    )


def _said(error: ValidationError) -> str:
    """Return what is wrong, without the values that were given."""
    texts = []
    for detail in error.errors(include_input=False, include_url=False)[:_LISTED]:
        place = ".".join(str(part) for part in detail["loc"]) or "options"
        problem = _PROBLEMS.get(detail["type"]) or detail["msg"].removeprefix("Value error, ")
        texts.append(bounded(f"{place}: {problem}", _MAX_PROBLEM))
    return "; ".join(texts)
