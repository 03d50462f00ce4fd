"""The table of settings in the README: `python -m tests.support.settings_table` prints it."""

from datetime import timedelta
from typing import Any

from pydantic import ByteSize, SecretStr
from pydantic.fields import FieldInfo

from worker.settings import Settings, variables

_HOUR = 3600


def rows() -> list[str]:
    return [
        f"| {', '.join(f'`{one}`' for one in variables(name))} | {_default(field)} "
        f"| {field.description} |"
        for name, field in Settings.model_fields.items()
    ]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    text = shown(field.default)
    return f"`{text}`" if text else ""


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case SecretStr():
            return value.get_secret_value()
        case ByteSize():
            return value.human_readable(decimal=True).replace(".0", "")
        case bool():
            return str(value).lower()
        case timedelta():
            seconds = int(value.total_seconds())
            return f"{seconds // _HOUR}h" if seconds and seconds % _HOUR == 0 else f"{seconds}s"
        case tuple():
            return ",".join(map(str, value))
        case _:
            return str(value)


if __name__ == "__main__":
    print("\n".join(["| variable | default | meaning |", "|---|---|---|", *rows()]))
