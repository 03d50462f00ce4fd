"""DQX's check functions (0.17), one entry each; every other file asks this catalogue.

To add a function, or words, bounds or a rule to one, edit its entry in the file of its kind.
"""

from worker.checks.catalogue import formats, geometry, tables, values
from worker.checks.catalogue.check_function import CheckFunction
from worker.checks.catalogue.unlisted import unlisted
from worker.checks.filled_share import is_filled_share
from worker.counting.check import Check

__all__ = ["CATALOGUE", "CheckFunction", "function_of", "known_of"]

CATALOGUE = {
    one.name: one
    for one in (*values.FUNCTIONS, *formats.FUNCTIONS, *geometry.FUNCTIONS, *tables.FUNCTIONS)
}
"""By their names."""


def function_of(name: str) -> CheckFunction:
    """Return what is known of a check function; a custom one is described by its name."""
    return CATALOGUE.get(name) or unlisted(name)


def known_of(check: Check) -> CheckFunction:
    """Return what is known of a check: of its function, or of a special form of it."""
    if is_filled_share(check.function, check.arguments):
        return values.MOSTLY_FILLED
    return function_of(check.function)
