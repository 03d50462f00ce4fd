"""What is said of odd values, through the profiler: NaN, blanks, placeholders and long texts."""

import pytest

from tests.profiling.test_blanks import suggested
from worker.profiling.profiler import Profiler
from worker.spark.engines.local import LocalEngine

pytestmark = pytest.mark.anyio

NAME = "spark_catalog.odd_evidence.readings"
COLUMNS = """
    number BIGINT, ratio FLOAT, rate DOUBLE, inside STRUCT<ratio: DOUBLE, code: CHAR(6)>,
    local TIMESTAMP_NTZ, nothing STRING, note STRING, badge STRING, tabbed STRING,
    state CHAR(4), short VARCHAR(9)
"""
ROWS = """
    SELECT id, if(id % 8 = 0, float('NaN'), float(id % 50)),
        if(id % 200 = 7, double('NaN'), double(id)),
        named_struct('ratio', if(id % 4 = 1, double('NaN'), id / 10), 'code', 'ab'),
        TIMESTAMP_NTZ '2024-03-10 02:30:00' + make_interval(0, 0, 0, 0, id % 90),
        NULL, if(id < 12, repeat('\u00e9', 40000), concat('note ', id)), '###-##-####',
        if(id % 2 = 0, '\tEU', 'US'), if(id % 3 = 0, 'CA', 'NY'), if(id % 2 = 0, 'a ', 'b')
    FROM range(400)
"""


async def test_odd_values(profiler: Profiler, engine: LocalEngine) -> None:
    engine.session.sql("CREATE DATABASE odd_evidence")
    try:
        engine.session.sql(f"CREATE TABLE odd_evidence.readings ({COLUMNS}) USING parquet")
        engine.session.sql(f"INSERT INTO odd_evidence.readings {ROWS}")
        found = await suggested(profiler, NAME)
    finally:
        engine.session.sql("DROP DATABASE odd_evidence CASCADE")

    said = {one.rule: one.rationale for one in found.rows}
    assert said["ratio at least 0"].endswith(" 50 rows that it was made of hold NaN, which passes.")
    assert said["rate is filled"].endswith(" 2 rows that it was made of hold NaN, which passes.")
    assert "local from 2024-03-10 to 2024-03-14" in said
    assert not any("nothing" in rule for rule in said)
    # Long texts take the evidence of no column.
    assert all(one.startswith("All 400 rows of the table pass") for one in said.values())
    # DQX trims no tab: the list is true.
    assert 'tabbed in "\tEU", US'.replace("\t", " ") in said
    blanks = "blanks around values: the list has them trimmed, so rows that it was made of fail"
    assert found.held_back == {
        "nothing": "the column is always empty",
        "badge_other_value": "all its values are a placeholder, as of a masked column",
        "inside.code_other_value": blanks,
        "state_other_value": blanks,
        "short_other_value": blanks,
    }
