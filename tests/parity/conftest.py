"""One Spark for all these tests, started as the engine `local` does."""

from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

from tests.profiling.conftest import options
from tests.support import jvm
from worker.profiling.engines.local import LocalEngine


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEngine]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in jvm.sooner().items():
            environment.setenv(name, value)
        started = LocalEngine(options(tmp_path_factory.mktemp("engine")))
        started.start()
        try:
            yield started
        finally:
            started.stop()


@pytest.fixture(scope="package")
def session(engine: LocalEngine) -> SparkSession:
    return engine.session
