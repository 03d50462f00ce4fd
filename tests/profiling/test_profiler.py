"""Tables are sampled and profiled in threads, with stock DQX's own result."""

import socket
import struct
import threading
from dataclasses import replace
from pathlib import Path
from typing import cast

import anyio
import psutil
import pyarrow.parquet as pq
import pytest
from databricks.labs.dqx.profiler.profiler import DQProfiler
from databricks.sdk import WorkspaceClient
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame

from deploy.sandbox.sample_tables import make_tables
from tests.profiling.conftest import options
from tests.support.contracts import write_parquet
from tests.support.waiting import until
from worker.profiling.dqx import Dqx
from worker.profiling.profiler import Profiler
from worker.profiling.results import TableProfile
from worker.profiling.stock_dqx import _kept
from worker.sampling.dqx_options import DqxOptions
from worker.sampling.sample_facts import Counted, Counting
from worker.spark.engines.local import LocalEngine
from worker.spark.per_session import PerSession
from worker.tables.errors import TableError
from worker.tables.table_types import CatalogTable, FileTable
from worker.workspace.clients import dqx_client
from worker.workspace.offline import OfflineWorkspace
from worker.workspace.options import WorkspaceOptions

pytestmark = pytest.mark.anyio

TICK = 0.002
HOURS = "SELECT sum(sqrt(id)) FROM range(1000000000000)"
MINUTES_OF_SHORT_TASKS = "SELECT sum(sqrt(id)) FROM range(0, 200000000000, 1, 4000)"


async def profiled(profiler: Profiler, physical_name: str | Path, tag: str = "t") -> TableProfile:
    async with profiler.sample(str(physical_name), tag) as sample:
        return await profiler.profile(sample, tag)


async def test_rows_that_spark_keeps_are_kept_until_the_sample_is_done(
    engine: LocalEngine, tables_folder: Path
) -> None:
    """Of more bytes than are fetched."""
    client = dqx_client(WorkspaceOptions())
    few_bytes = options(tables_folder, sample_bytes=100)
    profiler = Profiler(few_bytes, engine, PerSession(engine, lambda: Dqx(client, engine)))
    path = write_parquet(tables_folder / "many.parquet", id=list(range(700)))
    caches = engine.session._jsparkSession.sharedState().cacheManager()
    # What other tests have drawn may still be kept.
    engine.session.catalog.clearCache()
    async with profiler.sample(str(path), "t", DqxOptions(limit=500)) as sample:
        assert sample.rows is None
        assert not caches.isEmpty()
    assert caches.isEmpty()


async def test_the_profile_is_that_of_stock_dqx_with_the_same_options(
    profiler: Profiler, engine: LocalEngine, tables_folder: Path
) -> None:
    weather = pq.read_table(make_tables(tables_folder)["weather"])
    path = tables_folder / "some_columns.parquet"
    columns = ["origin", "temp", "time_hour"]
    pq.write_table(weather.select(columns), path)
    ours = await profiled(profiler, path)
    stock = DQProfiler(cast("WorkspaceClient", OfflineWorkspace()), engine.session)
    statistics, profiles = stock.profile(
        engine.session.read.parquet(str(path)),
        options={
            "sample_fraction": 0.1,
            "limit": 500,
            "sample_seed": 42,
            "llm_primary_key_detection": False,
        },
    )
    assert ours.sample.rows == 500
    assert ours.profiles == len(profiles)
    assert [(one.profile, one.column, one.description) for one in ours.candidates] == [
        (one.name, one.column, one.description) for one in profiles
    ]
    assert ours.statistics == statistics


async def test_a_table_of_a_catalog_is_read_by_its_name(
    profiler: Profiler, engine: LocalEngine
) -> None:
    engine.session.sql("CREATE DATABASE IF NOT EXISTS shop")
    engine.session.range(7).write.saveAsTable("shop.orders")
    profile = await profiled(profiler, "spark_catalog.shop.orders")
    assert (profile.table, profile.sample.rows) == ("spark_catalog.shop.orders", 7)
    assert {one.check.function for one in profile.candidates} == {"is_not_null", "is_in_range"}


@pytest.mark.parametrize(
    "name", ["spark_catalog.shop.absent", "absent.shop.orders", "nowhere", "a.b"]
)
async def test_a_table_that_is_not_there_was_not_found(profiler: Profiler, name: str) -> None:
    with pytest.raises(TableError) as caught:
        await profiled(profiler, name)
    assert str(caught.value) == f"table {name} was not found"


async def test_a_folder_of_parquet_files_is_one_table(
    profiler: Profiler, tables_folder: Path
) -> None:
    for part in ("a=1", "a=2"):
        write_parquet(tables_folder / "parts" / part / "file.parquet", id=[1, 2, 3])
    profile = await profiled(profiler, tables_folder / "parts")
    assert (profile.sample.rows, profile.columns) == (6, 2)


async def test_a_file_whose_name_looks_like_a_pattern_is_that_file(
    profiler: Profiler, tables_folder: Path
) -> None:
    write_parquet(tables_folder / "x1.parquet", id=[1])
    write_parquet(tables_folder / "x[12]{3}.parquet", id=[1, 2, 3])
    assert (await profiled(profiler, tables_folder / "x[12]{3}.parquet")).sample.rows == 3


async def test_a_damaged_file_is_reported_without_sparks_words(
    profiler: Profiler, tables_folder: Path
) -> None:
    path = tables_folder / "damaged.parquet"
    path.write_bytes(b"PAR1 not really PAR1")
    with pytest.raises(TableError, match="can't be read: it is damaged or of another format"):
        await profiled(profiler, path)


async def test_two_samples_of_one_table_do_not_share_what_spark_keeps(
    profiler: Profiler, engine: LocalEngine, tables_folder: Path
) -> None:
    """The first to be released would take it from under the other."""
    path = write_parquet(tables_folder / "shared.parquet", id=list(range(10)))
    frame = engine.session.read.parquet(str(path))
    with _kept(engine.kind, frame) as one:
        with _kept(engine.kind, frame) as two:
            assert one.storageLevel.useMemory
        assert not two.storageLevel.useMemory
        with _kept(engine.kind, frame, keep=False) as whole:
            assert not whole.storageLevel.useMemory
        assert one.storageLevel.useMemory


async def test_an_error_of_the_engine_is_not_a_columns_fault(
    profiler: Profiler, engine: LocalEngine, tables_folder: Path
) -> None:
    """A sample whose rows were lost fails its table; no column is left out for it."""
    path = write_parquet(tables_folder / "lost.parquet", id=list(range(10)))
    async with profiler.sample(str(path), "lost") as sample:
        gone = replace(sample, frame=_failing(engine), counted=Counted(Counting.STOCK), rows=None)
        with pytest.raises(TableError, match="can't be read: Spark reports "):
            await profiler.profile(gone, "lost")


async def test_a_table_without_rows_gives_no_checks(
    profiler: Profiler, tables_folder: Path
) -> None:
    path = write_parquet(tables_folder / "empty.parquet", id=[])
    profile = await profiled(profiler, path)
    assert (profile.sample.rows, profile.candidates) == (0, ())


async def test_the_event_loop_goes_on_while_spark_works(
    profiler: Profiler, tables_folder: Path
) -> None:
    path = write_parquet(tables_folder / "some.parquet", id=list(range(5_000)))
    done = anyio.Event()
    turns = 0

    async def profile() -> None:
        await profiled(profiler, path)
        done.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(profile)
        while not done.is_set():
            turns += 1
            with anyio.move_on_after(TICK):
                await done.wait()
    # A blocked loop turns once for each of the few times that the profile waits for a thread.
    assert turns > 20


async def test_what_spark_would_read_as_a_file_is_no_table(
    profiler: Profiler, engine: LocalEngine, tables_folder: Path
) -> None:
    path = write_parquet(tables_folder / "plain.parquet", id=[1])
    with pytest.raises(TableError, match=r"was not found|not allowed"):
        await profiled(profiler, f"parquet.`{path}`")
    with pytest.raises(AnalysisException):
        engine.session.table(f"parquet.`{path}`")


async def test_cancelled_work_is_interrupted_before_its_task_ends(
    profiler: Profiler, engine: LocalEngine
) -> None:
    """A query that would take hours is over when the task that waits for it is cancelled."""
    tracker = engine.session.sparkContext.statusTracker()

    async def query() -> None:
        table = CatalogTable(("hours",))
        await profiler._run(lambda _: engine.session.sql(HOURS).collect(), table, "cancelled")

    async def running() -> bool:
        return bool(list(tracker.getActiveJobsIds()))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(query)
        await until(running, "Spark works on the query")
        tasks.cancel_scope.cancel()
    assert not await running()


async def test_a_table_waits_for_none_of_the_tasks_that_another_one_has_queued(
    profiler: Profiler, engine: LocalEngine, tables_folder: Path
) -> None:
    path = write_parquet(tables_folder / "short.parquet", id=[1, 2, 3])
    tracker = engine.session.sparkContext.statusTracker()

    async def query() -> None:
        table = CatalogTable(("minutes",))
        queued = engine.session.sql(MINUTES_OF_SHORT_TASKS)
        await profiler._run(lambda _: queued.collect(), table, "minutes")

    async def running() -> bool:
        stages = [tracker.getStageInfo(one) for one in tracker.getActiveStageIds()]
        return any(stage is not None and stage.numActiveTasks > 0 for stage in stages)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(query)
        await until(running, "Spark works on the query")
        assert (await profiled(profiler, path)).sample.rows == 3
        assert await running()
        tasks.cancel_scope.cancel()


async def test_sparks_ports_answer_nobody_without_the_secret(engine: LocalEngine) -> None:
    """The secret is Spark's own: on a command line everyone on the machine could read it."""
    assert engine._jvm is not None
    jvm = psutil.Process(engine._jvm.pid)
    assert not [one for one in jvm.cmdline() if "authenticate.secret" in one]
    # py4j's port has a token of its own.
    gateway = engine.session.sparkContext._gateway
    assert gateway is not None
    listening = {one.laddr.port for one in jvm.net_connections("tcp") if one.status == "LISTEN"}
    ports = listening - {gateway.java_parameters.port}
    assert len(ports) == 2
    for port in ports:
        assert b"Expected SaslMessage" in _asked(port)


def _asked(port: int) -> bytes:
    """Return what Spark's RPC on a port answers to an empty request."""
    kind, number, body = 3, 1, b"?"
    request = struct.pack(">qbqi", 8 + 1 + 8 + 4 + len(body), kind, number, len(body)) + body
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        return connection.recv(10_000)


async def test_no_task_of_work_that_is_over_is_left(
    profiler: Profiler, engine: LocalEngine
) -> None:
    table = CatalogTable(("hundred",))
    tag = "left 1"
    tags: list[str] = []

    def work(_: threading.Event) -> object:
        tags.append(engine.session.sparkContext._jsc.getLocalProperty("spark.job.tags"))
        return engine.session.range(100).collect()

    await profiler._run(work, table, tag)
    assert [one.startswith(tag) for one in sorted(tags[0].split(","))] == [True, True]
    assert all(engine.kind.tasks_left(one) == 0 for one in tags[0].split(","))


def _failing(engine: LocalEngine) -> DataFrame:
    """A frame whose every job fails with an exception that is not one of Spark's."""
    session = engine.session
    return session.sql("SELECT java_method('java.lang.Integer', 'parseInt', 'x') AS id")


async def test_a_csv_file_is_read_as_pandas_reads_it(
    profiler: Profiler, tables_folder: Path
) -> None:
    path = tables_folder / "odd.csv"
    path.write_bytes(
        b'\xef\xbb\xbfzip;"what; for";price\r\n00501;"a\nb";1,5\r\nNA;c;2,5\r\n1;d\r\n'
    )
    async with profiler.sample(str(path), "t") as sample:
        assert isinstance(sample.table, FileTable)
        folder = sample.table.read_from
        assert folder is not None
        assert folder.is_dir()
        profile = await profiler.profile(sample, "t")
    assert not folder.exists()
    assert profile.table == str(path)
    assert profile.statistics["price"]["max"] == 2.5
    assert profile.statistics["zip"]["count_null"] == 1
    assert set(profile.statistics) == {"zip", "what; for", "price"}
    assert profile.file is not None
    assert (profile.file.separators, profile.file.ragged_rows) == ((";",), 1)
    assert profile.file.nulls == {"zip": {"NA": 1}}
