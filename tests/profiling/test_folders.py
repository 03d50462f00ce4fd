"""Files and folders as people have them, through the profiler on a real Spark."""

from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from worker.profiling.profiler import Profiler
from worker.profiling.results import TableProfile
from worker.tables.errors import TableError

pytestmark = pytest.mark.anyio


@pytest.fixture
def folder(tables_folder: Path) -> Path:
    """A folder below the root, for one table."""
    made = tables_folder / uuid4().hex
    made.mkdir()
    return made


async def profiled(profiler: Profiler, path: Path) -> TableProfile:
    async with profiler.sample(str(path), "t") as sample:
        return await profiler.profile(sample, "t")


def write(path: Path, **columns: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


def counts(profile: TableProfile) -> dict[str, tuple[int, int]]:
    """Return by column how many rows there are, and how many of them are null."""
    return {name: (one["count"], one["count_null"]) for name, one in profile.statistics.items()}


async def test_what_lies_in_a_folder_beside_its_parts_is_passed_over_and_counted(
    profiler: Profiler, folder: Path
) -> None:
    write(folder / "2024" / "01" / "a.parquet", id=[1, 2])
    write(folder / "2024" / "02" / "b.parquet", id=[3])
    write(folder / "_hidden.parquet", other=["x"])
    write(folder / ".hidden" / "c.parquet", other=["x"])
    # What a writer left that did not know of the last parts.
    write(folder / "_common_metadata", gone=[1])
    write(folder / "_metadata", gone=[1])
    (folder / "_SUCCESS").touch()
    (folder / "d.parquet").touch()
    (folder / "README.md").write_text("ours")
    profile = await profiled(profiler, folder)
    assert counts(profile) == {"id": (3, 0)}
    assert profile.file is not None
    assert (profile.file.files, profile.file.empty_files, profile.file.other_files) == (2, 1, 1)


async def test_folders_of_values_are_columns(profiler: Profiler, folder: Path) -> None:
    write(folder / "year=2023" / "a.parquet", id=[1, 2])
    write(folder / "year=2024" / "b.parquet", id=[3], more=["x"])
    profile = await profiled(profiler, folder)
    assert counts(profile) == {"id": (3, 0), "more": (3, 2), "year": (3, 0)}


async def test_columns_that_files_lack_or_have_in_other_types_are_read_and_reported(
    profiler: Profiler, folder: Path
) -> None:
    write(folder / "a.parquet", id=[1, 2], amount=[1, 2], note=pa.nulls(2), code=[1, 2])
    write(folder / "b.parquet", amount=[1.5], note=["x"], code=["A"], late=[True], id=[3])
    profile = await profiled(profiler, folder)
    assert counts(profile) == {"id": (3, 0), "amount": (3, 0), "note": (3, 2), "late": (3, 2)}
    assert profile.statistics["amount"]["max"] == 2.0
    assert profile.columns == 5
    assert profile.skipped_columns == {
        "code": "its type differs between files: string in b.parquet, int64 in a.parquet"
    }
    assert profile.file is not None
    assert dict(profile.file.lacking) == {"late": 1}
    assert set(profile.file.widened) == {"amount", "note"}


async def test_a_column_that_files_spell_in_other_cases_is_one(
    profiler: Profiler, folder: Path
) -> None:
    write(folder / "a.parquet", Id=[1, 2])
    write(folder / "b.parquet", ID=[3])
    assert counts(await profiled(profiler, folder)) == {"Id": (3, 0)}


async def test_parquet_of_pandas_is_profiled(profiler: Profiler, folder: Path) -> None:
    moments = pd.to_datetime(["2024-02-29T12:00:00.123456789", None, "1969-12-31T23:59:59.000"])
    frame = pd.DataFrame({"moment": moments, "zoned": moments.tz_localize("UTC"), "n": [1, 2, 3]})
    frame.to_parquet(folder / "a.parquet")
    assert pq.read_schema(folder / "a.parquet").field("moment").type == pa.timestamp("ns")
    async with profiler.sample(str(folder / "a.parquet"), "t") as sample:
        profile = await profiler.profile(sample, "t")
    assert counts(profile) == {"moment": (3, 1), "zoned": (3, 1), "n": (3, 0)}
    assert not profile.skipped_columns
    assert sample.rows is not None
    written = [moment.floor("us") for moment in moments.dropna()]
    assert sample.rows["moment"].drop_null().to_pylist() == written


async def test_a_column_that_spark_refuses_is_left_out_alone(
    profiler: Profiler, folder: Path
) -> None:
    write(
        folder / "a.parquet",
        time=pa.array([1], pa.time64("us")),
        uuid=pa.array([uuid4().bytes], pa.uuid()),
        half=pa.array(np.array([1], np.float16)),
        unsigned=pa.array([2**64 - 1], pa.uint64()),
        nothing=pa.nulls(1),
        coded=pa.array(["x"]).dictionary_encode(),
        nested=pa.array([{"at": 1_000}], pa.struct([("at", pa.timestamp("ns"))])),
        wide=pa.array([Decimal(1)], pa.decimal256(50)),
        id=[1],
    )
    profile = await profiled(profiler, folder / "a.parquet")
    assert set(profile.skipped_columns) == {"time", "uuid", "half", "wide"}
    assert profile.columns == 9
    assert {"unsigned", "nothing", "coded", "nested.at", "id"} <= set(profile.statistics)


async def test_a_folder_of_csv_files_is_a_table(profiler: Profiler, folder: Path) -> None:
    (folder / "a.csv").write_text("id,zip\n1,00501\n")
    (folder / "b.csv").write_text("zip;id;more\n10001;2;x\n")
    (folder / "README").write_text("ours")
    profile = await profiled(profiler, folder)
    assert counts(profile) == {"id": (2, 0), "zip": (2, 0), "more": (2, 1)}
    assert profile.file is not None
    assert (profile.file.files, profile.file.other_files) == (2, 1)
    assert dict(profile.file.lacking) == {"more": 1}


def damaged(path: Path) -> None:
    """Overwrite the pages of a file; its footer stays."""
    content = bytearray(path.read_bytes())
    content[4:200] = b"\xff" * 196
    path.write_bytes(content)


def cut(path: Path) -> None:
    """Take the end of a file away."""
    path.write_bytes(path.read_bytes()[:-20])


@pytest.mark.parametrize("harm", [damaged, cut])
async def test_a_damaged_part_is_named(profiler: Profiler, folder: Path, harm: Any) -> None:
    write(folder / "a.parquet", id=list(range(1000)))
    write(folder / "b.parquet", id=list(range(1000)))
    harm(folder / "b.parquet")
    with pytest.raises(TableError, match=r"file .*/b\.parquet can't be read: it is damaged"):
        await profiled(profiler, folder)


async def test_a_folder_of_a_table_format_is_refused(profiler: Profiler, folder: Path) -> None:
    write(folder / "a.parquet", id=[1])
    (folder / "_delta_log").mkdir()
    (folder / "_delta_log" / "00000000000000000000.json").write_text("{}")
    with pytest.raises(TableError, match="is a table of Delta Lake: profile it through a catalog"):
        await profiled(profiler, folder)
