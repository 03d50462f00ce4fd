"""Contracts over the sample tables, with every schema object and property."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

__all__ = ["Contract", "Property", "Schema", "sample_contracts", "schema_of_file"]


@dataclass(frozen=True, slots=True)
class Property:
    """A property; `key_position` counts from 0, -1 is no part of the key."""

    name: str
    logical_type: str
    physical_type: str
    required: bool
    key_position: int = -1
    classification: str | None = None


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema object."""

    name: str
    physical_name: str
    description: str
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract."""

    id: str
    name: str
    schemas: tuple[Schema, ...]


def sample_contracts(tables: dict[str, Path]) -> list[Contract]:
    """Return three contracts over the tables that `make_tables` has made."""
    return [
        Contract(
            "nyc-flights",
            "Departures from New York in 2013",
            (
                _schema(
                    tables,
                    "flights",
                    "On-time data of all flights that left New York in 2013",
                    key=("year", "month", "day", "hour", "flight", "carrier", "origin"),
                ),
                _schema(
                    tables,
                    "weather",
                    "Hourly weather at the three airports",
                    key=("origin", "time_hour"),
                ),
            ),
        ),
        Contract(
            "nyc-reference",
            "Planes and airports",
            (
                _schema(tables, "planes", "Planes by tail number", key=("tailnum",)),
                _schema(tables, "airports", "Airports by FAA code", key=("faa",)),
            ),
        ),
        Contract(
            "palmer-penguins",
            "Penguins of the Palmer station",
            (
                _schema(
                    tables,
                    "penguins_raw",
                    "Measurements as they were written down, one row a nest and year",
                    key=("studyName", "Sample Number", "Species"),
                ),
            ),
        ),
    ]


def _schema(tables: dict[str, Path], name: str, description: str, key: tuple[str, ...]) -> Schema:
    return schema_of_file(tables[name], name, description, key)


def schema_of_file(path: Path, name: str, description: str, key: tuple[str, ...] = ()) -> Schema:
    """Return a schema object for a parquet or CSV file, with a property for each column."""
    return Schema(
        name=name,
        physical_name=str(path),
        description=description,
        properties=tuple(
            Property(
                field.name,
                *_types(field.type),
                required=field.name in key,
                key_position=key.index(field.name) if field.name in key else -1,
            )
            for field in _arrow_schema(path)
        ),
    )


def _arrow_schema(path: Path) -> pa.Schema:
    if path.suffix == ".csv":
        return pa.csv.read_csv(path).schema
    return pa.parquet.read_schema(path)


def _types(kind: pa.DataType) -> tuple[str, str]:
    """Return a column's type as ODCS and as Unity Catalog name it."""
    if pa.types.is_integer(kind):
        return "integer", "BIGINT"
    if pa.types.is_floating(kind):
        return "number", "DOUBLE"
    if pa.types.is_date(kind):
        return "date", "DATE"
    if pa.types.is_timestamp(kind):
        return "date", "TIMESTAMP"
    return "string", "STRING"
