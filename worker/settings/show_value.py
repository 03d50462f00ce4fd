"""A setting's value as people read it."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ByteSize, SecretStr

from worker.options.values import duration_text

__all__ = ["shown"]


def shown(value: Any) -> str:
    """Return a setting's value in the form in which a variable holds it, a secret hidden."""
    match value:
        case None:
            return ""
        case SecretStr():
            return str(value)
        case bool():
            return str(value).lower()
        case timedelta():
            return duration_text(value)
        case ByteSize():
            return value.human_readable(decimal=True).replace(".0", "")
        case BaseModel():
            return value.model_dump_json(exclude_none=True)
        case tuple() if any(isinstance(one, Path) for one in value):
            return os.pathsep.join(map(str, value))
        case tuple():
            return ",".join(map(str, value))
        case _:
            return str(value)
