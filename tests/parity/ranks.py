"""How accurate Spark's percentiles are, by its documentation."""

from pyspark.sql import DataFrame

__all__ = ["ranks_near"]

_ACCURACY = 10_000
"""The default of `percentile_approx`: of so many values, a rank is off by one at most."""


def ranks_near(values: DataFrame, number: object, share: float, margin: float = 0.0) -> bool:
    """Return whether the rank of a number is that of a share of the values `v`.

    A number is known up to `margin`.
    """
    below, up_to, rows = values.selectExpr(
        f"count_if(v < {number!s} - {margin!r})",
        f"count_if(v <= {number!s} + {margin!r})",
        "count(v)",
    ).collect()[0]
    wanted, most = share * rows, max(1, rows / _ACCURACY)
    return bool(below - most <= wanted <= up_to + most)
