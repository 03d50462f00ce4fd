"""Texts that stand in the place of values: what a masked column gives."""

import re

from worker.checks.catalogue import function_of
from worker.checks.readable_values import plain
from worker.counting.check import Check

__all__ = ["is_placeholder"]

_MASKED = re.compile(
    r"""[\W_]*(
        ([*#\u2022\u25cf]|xx)[*#\u2022\u25cfx\W_]*     # ***, ###-##, xxx-xx, X***@***.XX
        | (masked|redacted|hidden|restricted|confidential|removed|not[ _-]?authori[sz]ed)[\W_]*
    )""",
    re.IGNORECASE | re.VERBOSE,
)

_MOST = 200
"""Characters of a placeholder."""


def is_placeholder(check: Check) -> bool:
    """Return whether a check is a list of a single text that is a placeholder such as `***`."""
    allowed = check.arguments.get(function_of(check.function).listed)
    if not isinstance(allowed, list) or len(allowed) != 1:
        return False
    text = plain(allowed[0]) if isinstance(allowed[0], str) else ""
    return len(text) <= _MOST and _MASKED.fullmatch(text) is not None
