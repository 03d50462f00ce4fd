"""One Spark for a file of tests, started as the engine `local` does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.profiling.conftest import options
from tests.support import jvm
from worker.profiling.engines.local import LocalEngine


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


@pytest.fixture(scope="module")
def session(engine: LocalEngine) -> SparkSession:
    return engine.session
