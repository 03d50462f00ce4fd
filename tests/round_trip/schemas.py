"""The published JSON schemas of ODCS, as the packages that bring them have them."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from jsonschema import Draft201909Validator

__all__ = ["VERSIONS", "wrong"]

_PLACES = {
    "v3.0.2": ("datacontract", "schemas/odcs-3.0.2.schema.json"),
    "v3.1.0": ("datacontract", "schemas/odcs-3.1.0.schema.json"),
    "v3.2.0": ("open_data_contract_standard", "schema.json"),
}
VERSIONS = tuple(_PLACES)


def wrong(odcs: Mapping[str, Any], version: str = "v3.0.2", *, strict: bool = False) -> list[str]:
    """Return the errors that the schema of a version finds in a contract.

    `strict` is the form of 3.0.2 that forbids unknown keys in a check. Later versions always do.
    """
    return [error.message for error in _validator(version, strict).iter_errors(odcs)]


@cache
def _validator(version: str, strict: bool) -> Draft201909Validator:
    package, path = _PLACES[version]
    schema = json.loads(resources.files(package).joinpath(path).read_text("utf-8"))
    if (found := schema["properties"]["apiVersion"]["default"]) != version:
        raise LookupError(f"{package} has the schema of ODCS {found}, not of {version}")
    if strict:
        schema["$defs"]["DataQuality"]["unevaluatedProperties"] = False
    return Draft201909Validator(schema)
