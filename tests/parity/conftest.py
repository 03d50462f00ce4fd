"""One Spark for a file of tests, started as the engine `local` does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark import SparkContext
from pyspark.sql import SparkSession

from tests.profiling.conftest import options
from tests.support import jvm
from worker.profiling.engines.local import LocalEngine

_ENDING = 30.0


@pytest.fixture(scope="module")
def engine(tables_folder: Path) -> Iterator[LocalEngine]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in jvm.sooner().items():
            environment.setenv(name, value)
        started = LocalEngine(options(tables_folder))
        started.start()
        try:
            yield started
        finally:
            started.stop()
            _end_spare_jvm(started)


@pytest.fixture(scope="module")
def session(engine: LocalEngine) -> SparkSession:
    return engine.session


def _end_spare_jvm(engine: LocalEngine) -> None:
    """End the JVM of an engine that was not the first of this process.

    The bridge to Java is made once, and the first engine's JVM has served this one as well.
    """
    first, own = SparkContext._gateway, engine._jvm
    if own is not None and own.stdin is not None and first is not None and first.proc is not own:
        # It ends with what it reads.
        own.stdin.close()
        own.wait(_ENDING)
