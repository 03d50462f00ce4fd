"""A process such as that of a Databricks task: a Spark session and an event loop are there already.

Runs the command line of its arguments as Databricks runs an entry point, which takes any
SystemExit for a failure, and prints what is left of the session, if it was not lost.
"""

import asyncio
import json
from pathlib import Path

from tests.profiling.conftest import options
from worker.cli.main import main
from worker.profiling.engines.local import LocalEngine

TIME_ZONE = "spark.sql.session.timeZone"


async def cell() -> None:
    main()


if __name__ == "__main__":
    somebodys = LocalEngine(options(Path()))
    somebodys.start()
    spark = somebodys.session
    spark.conf.set(TIME_ZONE, "America/New_York")
    spark.sql("CREATE DATABASE shop")
    seconds = spark.sql("SELECT id, TIMESTAMP_SECONDS(id) AS at FROM range(7)")
    seconds.write.saveAsTable("shop.orders")
    wide = [f"id + {number} AS c{number}" for number in range(40)]
    spark.range(100).selectExpr(*wide).write.saveAsTable("shop.wide")
    try:
        asyncio.run(cell())
    except SystemExit as end:
        print("SystemExit", end.code)
    try:
        print(json.dumps([spark.range(3).count(), spark.conf.get(TIME_ZONE)]))
    except OSError:
        print("lost")
    somebodys.stop()
