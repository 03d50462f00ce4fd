"""Texts that are JSON for sure: what passes here passes DQX's check, which has Spark read them."""

import json
import re
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np
import pyarrow.compute as pc

from worker.kinds.column import Column, Flags

__all__ = ["json_texts"]

_MOST = 20_000_000
"""Characters of all texts. To read more takes too long."""
_DEEPEST = 500
"""Levels. Spark reads 1,000."""
_LONGEST_NUMBER = 500
"""Characters. Spark reads 1,000."""
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def json_texts(column: Column) -> Flags:
    """Return which different values of a column of texts are JSON; none if they are too long."""
    kept = column.kept.get(__name__)
    if kept is None:
        kept = column.kept[__name__] = _read(column)
    flags: Flags = kept
    return flags


def _read(column: Column) -> Flags:
    texts = column.different
    if (pc.sum(pc.utf8_length(texts)).as_py() or 0) > _MOST:
        return np.zeros(len(texts), dtype=bool)
    return np.array([_is_json(one) for one in texts.to_pylist()], dtype=bool)


def _is_json(text: str) -> bool:
    try:
        value = json.loads(
            text,
            object_pairs_hook=_with_own_names,
            parse_int=_short,
            parse_float=_short,
            parse_constant=_refused,
        )
        if _SURROGATE.search(text):
            # Half of a pair has no UTF-8.
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return False
    return text.count("[") + text.count("{") <= _DEEPEST or _depth(value) <= _DEEPEST


def _with_own_names(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _short(number: str) -> int:
    if len(number) > _LONGEST_NUMBER:
        raise ValueError
    return 0


def _refused(constant: str) -> NoReturn:
    """Refuse NaN and infinities, which Python reads."""
    raise ValueError(constant)


def _depth(value: Any) -> int:
    levels, inner = 0, [value]
    while inner:
        levels += 1
        nested = [one for one in inner if isinstance(one, dict | list)]
        inner = [
            part for one in nested for part in (one.values() if isinstance(one, dict) else one)
        ]
    return levels
