"""What the arguments of DQX's check functions mean, by their names (0.17, check_funcs.py)."""

from collections.abc import Mapping
from typing import Any

__all__ = ["BOUNDS", "DEFAULTS", "FORMS", "LISTS", "RANGE", "Arguments"]

Arguments = Mapping[str, Any]

RANGE = ("min_limit", "max_limit")
"""The two bounds of a range; each may be missing."""
BOUNDS = frozenset({"limit", *RANGE})
"""Values that a column's values are compared with."""
LISTS = frozenset({"allowed", "forbidden"})
"""Lists of values."""
FORMS = frozenset({"case", "code_format", "country", "date_format", "timestamp_format"})
"""How values are written, which names none."""
DEFAULTS: Arguments = {
    "allow_nulls": True,
    "case_sensitive": True,
    "convert_column": True,
    "geodesic": False,
    "nulls_distinct": True,
    "srid": 3857,
    "trim_strings": False,
}
"""DQX's own defaults, the same in every function that does not state another one."""
