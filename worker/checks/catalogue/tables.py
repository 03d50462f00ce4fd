"""Check functions of whole tables: aggregates, distributions, other data sets, SQL."""

from worker.checks.catalogue.check_function import CheckFunction
from worker.checks.filled_share import FILLED_SHARE

__all__ = ["FUNCTIONS"]

_AGGREGATE = ("column", "limit", "aggr_type", "group_by", "row_filter", "aggr_params")
_TOLERANT_AGGREGATE = (*_AGGREGATE, "abs_tolerance", "rel_tolerance")

FUNCTIONS = (
    CheckFunction("is_aggr_equal", "accuracy", "aggregate equals a value", _TOLERANT_AGGREGATE),
    CheckFunction(
        "is_aggr_not_equal", "accuracy", "aggregate differs from a value", _TOLERANT_AGGREGATE
    ),
    CheckFunction(
        FILLED_SHARE, "accuracy", "aggregate at least a limit", _AGGREGATE, estimated=True
    ),
    CheckFunction("is_aggr_not_greater_than", "accuracy", "aggregate at most a limit", _AGGREGATE),
    CheckFunction(
        "has_no_aggr_outliers",
        "accuracy",
        "aggregate near its history",
        (
            *("column", "time_column", "aggr_type", "sigma", "lookback_num_intervals"),
            *("warmup_num_intervals", "time_interval", "group_by", "row_filter", "aggr_params"),
        ),
    ),
    CheckFunction(
        "is_in_distribution",
        "accuracy",
        "follows a distribution",
        ("column", "distribution", "distance", "case_sensitive", "row_filter"),
    ),
    CheckFunction(
        "is_data_fresh_per_time_window",
        "timeliness",
        "is fresh per time window",
        (
            *("column", "window_minutes", "min_records_per_window", "lookback_windows"),
            *("row_filter", "curr_timestamp"),
        ),
    ),
    CheckFunction(
        "has_no_gaps_per_time_window",
        "timeliness",
        "has no gaps per time window",
        ("column", "window_minutes", "group_by", "trailing_gap", "curr_timestamp"),
    ),
    CheckFunction(
        "has_valid_schema",
        "conformity",
        "has valid schema",
        ("expected_schema", "ref_df_name", "ref_table", "columns", "strict", "exclude_columns"),
    ),
    CheckFunction(
        "foreign_key",
        "consistency",
        "refers to existing rows",
        (
            *("columns", "ref_columns", "ref_df_name", "ref_table"),
            *("negate", "row_filter", "null_safe", "broadcast_ref"),
        ),
        negated="refers to no existing row",
    ),
    CheckFunction(
        "compare_datasets",
        "consistency",
        "matches a dataset",
        (
            *("columns", "ref_columns", "ref_df_name", "ref_table", "check_missing_records"),
            *("exclude_columns", "null_safe_row_matching", "null_safe_column_value_matching"),
            *("row_filter", "abs_tolerance", "rel_tolerance", "raise_on_duplicate_keys"),
        ),
    ),
    CheckFunction(
        "aggr_matches_dataset",
        "consistency",
        "aggregate matches a dataset",
        (
            *("column", "ref_table", "ref_df_name", "ref_column", "aggr_type", "aggr_params"),
            *("group_by", "ref_group_by", "row_filter", "ref_row_filter"),
            *("abs_tolerance", "rel_tolerance"),
        ),
    ),
    CheckFunction(
        "sql_expression",
        "accuracy",
        "meets a condition",
        ("expression", "msg", "name", "negate", "columns"),
        negated="avoids a condition",
    ),
    CheckFunction(
        "sql_query",
        "accuracy",
        "passes a query",
        (
            *("query", "merge_columns", "msg", "name", "negate"),
            *("condition_column", "input_placeholder", "row_filter"),
        ),
        negated="avoids a query's rows",
    ),
)
