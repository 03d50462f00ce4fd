"""What decides and counts in DQX: its builders and its metrics, to which anyone may add."""

from collections.abc import Callable, Iterable

from worker.sampling import stock_errors

__all__ = ["Registered", "registered", "unverified_builder"]

Registered = frozenset[tuple[str, str, Callable[..., object] | None]]
"""Every builder and metric that DQX knows: its kind, its name, and its function."""

_KNOWN = {
    "builder": frozenset({"null_or_empty", "is_in", "min_max", "has_no_outliers", "geospatial"}),
    "metric": frozenset({"empty_count", "count_distinct"}),
}


def registered() -> Registered:
    """Return what is registered with DQX now. Imports DQX."""
    from databricks.labs.dqx.profiler.profile_builder import PROFILE_BUILDER_REGISTRY
    from databricks.labs.dqx.profiler.profiler_column_metrics import PROFILE_COLUMN_METRIC_REGISTRY

    builders = (
        ("builder", name, one.contextual_builder or one.builder)
        for name, one in PROFILE_BUILDER_REGISTRY.items()
    )
    metrics = (("metric", name, one) for name, one in PROFILE_COLUMN_METRIC_REGISTRY.items())
    return frozenset([*builders, *metrics])


def unverified_builder() -> str | None:
    """Return a reason if DQX's registries differ from those that it ships; None if they do not."""
    found = registered()
    for kind, known in _KNOWN.items():
        functions = [(name, function) for of, name, function in found if of == kind]
        if (odd := _odd_one(known, sorted(functions, key=lambda one: one[0]))) is not None:
            return stock_errors.not_dqxs_own(kind, odd)
    return None


def _odd_one(
    known: frozenset[str], functions: Iterable[tuple[str, Callable[..., object] | None]]
) -> str | None:
    missing = set(known)
    for name, function in functions:
        missing.discard(name)
        module = getattr(function, "__module__", "")
        if name not in known or not module.startswith("databricks.labs.dqx."):
            return name
    return min(missing, default=None)
