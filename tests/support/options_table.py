"""The options of docs/backend.md: `python -m tests.support.options_table` prints the table."""

import json
from collections.abc import Mapping
from typing import Any

from databricks.labs.dqx.profiler.profile_options import DEFAULT_PROFILE_OPTIONS

from worker.sampling.dqx_options import DqxOptions

_OF_THE_WORKER = {
    "sample_fraction": "`DQX_WORKER_SAMPLE_FRACTION`",
    "sample_seed": "`DQX_WORKER_SAMPLE_SEED`",
    "limit": "`DQX_WORKER_SAMPLE_LIMIT`",
    "llm_primary_key_detection": "`false`",
}
_TYPES = {
    "boolean": "`true` or `false`",
    "string": "text",
    "array": "names of columns",
    "integer": "a whole number",
    "number": "a number",
}


def rows() -> list[str]:
    properties: Mapping[str, Mapping[str, Any]] = DqxOptions.model_json_schema()["properties"]
    return [f"| `{name}` | {_value(one)} | {_default(name)} |" for name, one in properties.items()]


def _value(option: Mapping[str, Any]) -> str:
    kind, _ = option["anyOf"]
    if "const" in kind:
        return f"`{json.dumps(kind['const'])}` alone"
    if kind.get("minimum") == -(2**63):
        return "a whole number of 64 bits"
    least, most, above = (kind.get(one) for one in ("minimum", "maximum", "exclusiveMinimum"))
    parts = [
        _TYPES[kind["type"]],
        None if least is None else f"from {least:g}",
        None if above is None else f"above {above:g}",
        None if most is None else f"to {most:,}",
    ]
    return " ".join(part for part in parts if part)


def _default(name: str) -> str:
    given = DEFAULT_PROFILE_OPTIONS[name]
    none = "" if given in (None, []) else f"`{json.dumps(given)}`"
    return _OF_THE_WORKER.get(name, none)


if __name__ == "__main__":
    print("\n".join(rows()))
