"""Settings of Spark for the tests that compare what is counted."""

from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

from tests.parity.long import LONG
from worker.spark.engines.local import LocalEngine

_CHEAPER = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.shuffle.partitions": "1",
}
"""Stock DQX asks for little of few rows, many times: Spark takes longest to plan and compile it."""


@pytest.fixture(scope="session")
def session(engine: LocalEngine) -> SparkSession:
    return engine.session


@pytest.fixture(scope="module")
def cheaper(session: SparkSession) -> Iterator[None]:
    """Have Spark interpret its plans. The long form has the worker's own settings."""
    if LONG:
        yield
        return
    # Each has a value: Spark's own by default.
    before = {name: str(session.conf.get(name)) for name in _CHEAPER}
    for name, value in _CHEAPER.items():
        session.conf.set(name, value)
    yield
    for name, value in before.items():
        session.conf.set(name, value)
