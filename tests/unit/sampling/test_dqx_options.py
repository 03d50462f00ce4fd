"""DQX's options have DQX's names, and what is not given stays as it was."""

import pytest
from databricks.labs.dqx.profiler.profile_options import DEFAULT_PROFILE_OPTIONS
from pydantic import ValidationError

from worker.sampling.dqx_options import DqxOptions

STRATIFIED = {"sample_by_column", "sample_by_values_limit"}


def test_every_option_of_dqx_is_there_but_those_of_stratified_samples() -> None:
    assert DqxOptions.model_fields.keys() == DEFAULT_PROFILE_OPTIONS.keys() - STRATIFIED


def test_dqxs_own_defaults_are_valid() -> None:
    given = {
        name: value
        for name, value in DEFAULT_PROFILE_OPTIONS.items()
        if name not in STRATIFIED and name != "llm_primary_key_detection"
    }
    options = DqxOptions.model_validate(given)
    assert options.given == {name: value for name, value in given.items() if value is not None}
    assert options.of_builders.keys() == options.given.keys() - {"sample_fraction", "limit"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"llm_primary_key_detection": True},
        {"sample_by_column": "region"},
        {"max_null_ratio": 1.5},
        {"max_null_ratio": "0.5"},
        {"limit": -1},
        {"limit": 1.5},
        {"sample_fraction": 0},
        {"round": 1},
        {"outlier_columns": "id"},
        {"filter": "id IN (SELECT 1)"},
        {"has_no_outliers_allow_columns": ["a"], "has_no_outliers_deny_columns": ["b"]},
    ],
)
def test_what_is_wrong_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        DqxOptions.model_validate(wrong)


def test_what_is_given_counts_more() -> None:
    table, run = DqxOptions(limit=0, round=False), DqxOptions(limit=9, num_sigmas=2)
    assert table.over(run).given == {"limit": 0, "round": False, "num_sigmas": 2}
