"""The options of DQX's profiler, by DQX's own names, for a run or a table of it."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from worker.row_filters.check_filter import check_filter

__all__ = ["JAVA_INT_MAX", "DqxOptions", "Seed"]


def _filter(text: str) -> str:
    check_filter(text)
    return text


JAVA_INT_MAX = 2**31 - 1
"""What Spark takes at most for a limit, and for other whole numbers."""
Seed = Annotated[int, Field(ge=-(2**63), lt=2**63)]
Share = Annotated[float, Field(ge=0, le=1)]
Columns = list[str]


class DqxOptions(BaseModel):
    """What is not given keeps its default: DQX's own, or of the sample the worker's settings.

    Not to be had here: options that send data to a language model, and stratified samples.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    round: bool | None = None
    max_in_count: Annotated[int, Field(ge=0, le=JAVA_INT_MAX)] | None = None
    distinct_ratio: Share | None = None
    max_null_ratio: Share | None = None
    max_empty_ratio: Share | None = None
    remove_outliers: bool | None = None
    outlier_columns: Columns | None = None
    num_sigmas: Annotated[float, Field(gt=0)] | None = None
    trim_strings: bool | None = None
    sample_fraction: Annotated[float, Field(gt=0, le=1)] | None = None
    sample_seed: Seed | None = None
    limit: Annotated[int, Field(ge=0, le=JAVA_INT_MAX)] | None = None
    """Rows; 0 for all of them."""
    filter: Annotated[str, AfterValidator(_filter)] | None = None
    has_no_outliers: bool | None = None
    has_no_outliers_allow_columns: Columns | None = None
    has_no_outliers_deny_columns: Columns | None = None
    outliers_ratio: Share | None = None
    profile_geospatial: bool | None = None
    geospatial_srid: Annotated[int, Field(ge=0, le=JAVA_INT_MAX)] | None = None
    llm_primary_key_detection: Literal[False] | None = None

    @model_validator(mode="after")
    def _one_list_of_columns(self) -> "DqxOptions":
        if self.has_no_outliers_allow_columns and self.has_no_outliers_deny_columns:
            raise ValueError("has_no_outliers takes columns to allow or to deny, not both")
        return self

    def over(self, other: "DqxOptions") -> "DqxOptions":
        """Return these options, and those of `other` that are not given here."""
        return DqxOptions.model_construct(**(other.given | self.given))

    @property
    def given(self) -> dict[str, Any]:
        """The options that are given, by DQX's names."""
        return {name: value for name, value in self if value is not None}

    @property
    def of_builders(self) -> dict[str, Any]:
        """Those by which DQX decides, once the sample is drawn."""
        return {name: one for name, one in self.given.items() if name not in _OF_SAMPLE}


_OF_SAMPLE = frozenset({"sample_fraction", "sample_seed", "limit"})
