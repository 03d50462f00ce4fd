"""The table of settings in the README: `python -m tests.support.settings_table` prints it."""

from pydantic.fields import FieldInfo

from worker.settings import Settings, variables
from worker.settings.values import shown


def rows() -> list[str]:
    return [
        f"| {', '.join(f'`{one}`' for one in variables(name))} | {_default(field)} "
        f"| {field.description} |"
        for name, field in Settings.model_fields.items()
    ]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    text = shown(field.get_default(call_default_factory=True, validated_data={}))
    return f"`{text}`" if text else ""


if __name__ == "__main__":
    print("\n".join(["| variable | default | meaning |", "|---|---|---|", *rows()]))
