"""Random tables and options: stock DQX and the worker say the same of them.

`make test` has the same few examples every time; `make test-parity EXAMPLES=500` makes up others,
from a seed that it prints.
"""

import re

import pytest
from hypothesis import HealthCheck, given, seed, settings
from pyspark.sql import SparkSession

from tests.parity.compare import compare
from tests.parity.long import EXAMPLES, LONG, SEED
from tests.parity.random_tables import TABLES, Example
from tests.parity.tables import frame_of

pytestmark = pytest.mark.usefixtures("cheaper")


@pytest.mark.timeout(24 * 3600 if LONG else 240)
@seed(SEED)
@settings(
    max_examples=EXAMPLES if LONG else 6,
    derandomize=False,
    deadline=None,
    database=None,
    print_blob=True,
    # A session that stays is what makes it quick, and Spark's work is what makes it slow.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(example=TABLES)
def test_random_tables(session: SparkSession, example: Example) -> None:
    found, left = compare(frame_of(session, example.rows), example.options)
    assert found == []
    # What is left to stock DQX proves nothing: it is what is left on purpose.
    assert left is None or re.search("asks for (distances|agg|a mean beyond)", left)
