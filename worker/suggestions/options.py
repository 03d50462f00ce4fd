"""Which checks become suggestions."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, NonNegativeInt, PositiveInt

from worker.checks.catalogue import CATALOGUE
from worker.judging.options import JudgingOptions
from worker.options.setting import setting
from worker.options.values import Names

__all__ = ["CheckOptions", "Mode", "known_functions"]

Mode = Literal["judged", "stock"]
"""How checks are chosen: by the worker's judgement, or as DQX proposes them."""

_FUNCTIONS = frozenset(name for name, one in CATALOGUE.items() if one.generated or one.estimated)
_Names = TypeVar("_Names", bound=Iterable[str])


def known_functions(names: _Names) -> _Names:
    """Return names of check functions. Raises `ValueError` for one that is never suggested."""
    if unknown := sorted(set(names) - _FUNCTIONS):
        raise ValueError(f"{unknown[0]!r} is none of {', '.join(sorted(_FUNCTIONS))}")
    return names


@dataclass(frozen=True, kw_only=True)
class CheckOptions(JudgingOptions):
    """The options of the checks room, all of them settings."""

    mode: Annotated[
        Mode,
        setting(
            "DQX_WORKER_SUGGESTIONS",
            "Which checks are suggested: `judged`, those that the next load is expected to pass, "
            "each with its confidence; or `stock`, those that DQX proposes.",
        ),
    ] = "judged"
    criticality: Annotated[
        Literal["error", "warn"],
        setting(
            "DQX_WORKER_CRITICALITY",
            "Criticality of suggested checks: `error` or `warn`. If `DQX_WORKER_SUGGESTIONS` is "
            "`judged`, it is the highest one: a check without strong evidence is `warn`. A check "
            "that repeats or changes an accepted rule has the criticality of that rule.",
        ),
    ] = "error"
    leave_out: Annotated[
        Names,
        AfterValidator(known_functions),
        setting(
            "DQX_WORKER_LEAVE_OUT",
            "Check functions that are not suggested, separated by commas: `is_in_list`.",
        ),
    ] = ()
    contradictions: Annotated[
        bool,
        setting(
            "DQX_WORKER_CONTRADICTIONS",
            "Whether to suggest a rule that rejects values which the list for its column allows, "
            "as stock DQX does.",
        ),
    ] = False
    min_rows: Annotated[
        NonNegativeInt,
        setting(
            "DQX_WORKER_MIN_ROWS",
            "Minimum number of sampled rows with a value that a column needs to get a range or a "
            "list. If only 28 rows pass, up to a tenth of all rows may fail (with 95 % "
            "confidence).",
        ),
    ] = 30
    max_suggestions: Annotated[
        PositiveInt,
        setting(
            "DQX_WORKER_MAX_SUGGESTIONS",
            "Maximum number of suggestions that a run makes for one table: the first of each "
            "column, then the second of each. The others are in `held_back`.",
        ),
    ] = 500
    rejected_change: Annotated[
        float,
        setting(
            "DQX_WORKER_REJECTED_CHANGE",
            "Share by which the subject of a rejected rule must have changed before the rule is "
            "suggested with other values: of the width of a range, or of the rows that a list "
            "refuses.",
            ge=0,
            le=1,
        ),
    ] = 0.1
