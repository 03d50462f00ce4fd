"""Turns CSV files into parquet files of typed columns, which Spark reads as they are.

The files are read twice: once to find out what the columns are, once to write them. PyArrow splits
them into fields; the separator and the types are found here.
docs/figures/csv-readers.md compares readers.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from worker.tables import errors
from worker.tables.csv_files.batches import Ragged, read_dialect, text_batches
from worker.tables.csv_files.dialect import Dialect
from worker.tables.csv_files.kinds import KINDS, TEXT, Kind, possible
from worker.tables.csv_files.names import column_names
from worker.tables.file_facts import FileFacts
from worker.tables.footers import SPARKS_SCHEMA

__all__ = ["convert"]


def convert(
    files: Sequence[Path],
    shown: str,
    into: Path,
    nulls: Sequence[str],
    check: Callable[[], None],
) -> FileFacts:
    """Write a parquet file into the folder `into` for each CSV file; return how they were read.

    `shown` is the table's name for messages, `nulls` are texts that mean null. `check` is called
    again and again, and raises to end the work. Columns of several files belong together by name.
    Raises `TableError`; `OSError` if the folder can't be written.
    """
    read = [_File.found(path, shown) for path in files]
    if not any(one.names for one in read):
        raise errors.no_columns(shown)
    columns: dict[str, _Column] = {}
    for one in read:
        one.look(columns, pa.array(nulls, pa.string()), check)
    schema = _schema(columns)
    for number, one in enumerate(read):
        with pq.ParquetWriter(into / f"{number:06}.parquet", schema) as writer:
            for batch in one.typed(schema, columns, pa.array(nulls, pa.string()), check):
                writer.write_batch(batch)
    return _facts(read, columns)


@dataclass(slots=True)
class _Column:
    """What is known of a column of that name in all files so far."""

    kinds: tuple[Kind, ...]
    nulls: Counter[str] = field(default_factory=Counter)
    seen: bool = False

    @property
    def kind(self) -> Kind:
        """The kind that reads all texts; text if there was none."""
        return self.kinds[0] if self.seen else TEXT

    def look(self, texts: pa.Array, placeholders: pa.Array) -> None:
        """Rule out the kinds that do not read these texts."""
        texts = texts.drop_null()
        null = pc.is_in(texts, value_set=placeholders)
        if pc.any(null).as_py():
            counted = pc.value_counts(texts.filter(null))
            self.nulls.update({one["values"].as_py(): one["counts"].as_py() for one in counted})
            texts = texts.filter(pc.invert(null))
        if not len(texts):
            return
        self.seen = True
        if self.kinds != (TEXT,):
            bare = pc.utf8_trim_whitespace(texts)
            self.kinds = tuple(kind for kind in self.kinds if kind.reads(bare))

    def read(self, texts: pa.Array, placeholders: pa.Array) -> pa.Array:
        """Return the values of texts, null for a placeholder."""
        null = pc.is_in(texts, value_set=placeholders)
        texts = pc.if_else(null, pa.scalar(None, pa.string()), texts)
        if self.kind is TEXT:
            return texts
        return self.kind.read(pc.utf8_trim_whitespace(texts))


@dataclass(slots=True)
class _File:
    """One file on its way."""

    path: Path
    shown: str
    dialect: Dialect
    names: Sequence[str]
    invented: Mapping[str, str]
    ragged: Ragged = field(default_factory=Ragged)

    @classmethod
    def found(cls, path: Path, shown: str) -> "_File":
        dialect = read_dialect(path, shown)
        names, invented = column_names(dialect.header)
        return cls(path, shown, dialect, names, invented)

    def look(
        self, columns: dict[str, _Column], placeholders: pa.Array, check: Callable[[], None]
    ) -> None:
        """Find out what the columns of the file are."""
        kinds = possible(self.dialect.separator)
        for name in self.names:
            column = columns.setdefault(name, _Column(KINDS))
            column.kinds = tuple(kind for kind in column.kinds if kind in kinds)
        for batch in self._batches(self.ragged, check):
            for name, texts in zip(self.names, batch.columns, strict=True):
                columns[name].look(texts, placeholders)

    def typed(
        self,
        schema: pa.Schema,
        columns: Mapping[str, _Column],
        placeholders: pa.Array,
        check: Callable[[], None],
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows of the file in the columns of all files."""
        places = {name: place for place, name in enumerate(self.names)}
        for batch in self._batches(Ragged(), check):
            yield pa.record_batch(
                [
                    columns[one.name].read(batch.column(places[one.name]), placeholders)
                    if one.name in places
                    else pa.nulls(batch.num_rows, one.type)
                    for one in schema
                ],
                schema=schema,
            )

    def _batches(self, ragged: Ragged, check: Callable[[], None]) -> Iterator[pa.RecordBatch]:
        if not self.names:
            return iter(())
        return text_batches(self.path, self.shown, self.dialect, ragged, check)


def _schema(columns: Mapping[str, _Column]) -> pa.Schema:
    """Return the columns with their types, beside them as Spark writes it: it need not look."""
    fields = [
        {"name": name, "type": column.kind.spark, "nullable": True, "metadata": {}}
        for name, column in columns.items()
    ]
    spark = json.dumps({"type": "struct", "fields": fields})
    return pa.schema(
        [(name, column.kind.type) for name, column in columns.items()],
        metadata={SPARKS_SCHEMA: spark},
    )


def _facts(files: Sequence[_File], columns: Mapping[str, _Column]) -> FileFacts:
    ragged = [one for one in files if one.ragged.rows]
    having = Counter(name for one in files for name in one.names)
    return FileFacts(
        format="csv",
        files=len(files),
        separators=tuple(dict.fromkeys(one.dialect.separator for one in files)),
        ragged_rows=sum(one.ragged.rows for one in files),
        first_ragged=f"{ragged[0].path.name}: {ragged[0].ragged.first}" if ragged else None,
        nulls={name: dict(one.nulls) for name, one in columns.items() if one.nulls},
        named={name: why for one in files for name, why in one.invented.items()},
        lacking={name: len(files) - having[name] for name in columns if having[name] < len(files)},
    )
