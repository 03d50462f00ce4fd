"""Settings of Spark for the tests that compare what is counted."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext

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
    with nullcontext() if LONG else _set(session, _CHEAPER):
        yield


@pytest.fixture
def interpreted(session: SparkSession) -> Iterator[None]:
    """Have Spark interpret its plans, also in the long form."""
    with _set(session, _CHEAPER):
        yield


@contextmanager
def _set(session: SparkSession, values: Mapping[str, str]) -> Iterator[None]:
    # Each has a value: Spark's own by default.
    before = {name: str(session.conf.get(name)) for name in values}
    for name, value in values.items():
        session.conf.set(name, value)
    yield
    for name, value in before.items():
        session.conf.set(name, value)
