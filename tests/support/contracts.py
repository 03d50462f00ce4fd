"""Small contracts over small tables."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from deploy.sandbox.sample_contracts import Contract, Property, Schema


def write_parquet(path: Path, **columns: Sequence[object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pa.parquet.write_table(pa.table(dict(columns)), path)
    return path


def contract(contract_id: str, **physical_names: str | Path) -> Contract:
    """Return a contract with a schema object for each name, of properties `id` and `name`."""
    properties = (
        Property("id", "integer", "BIGINT", required=False),
        Property("name", "string", "STRING", required=False),
    )
    return Contract(
        contract_id,
        f"Contract {contract_id}",
        tuple(
            Schema(name, str(physical_name), "", properties)
            for name, physical_name in physical_names.items()
        ),
    )
