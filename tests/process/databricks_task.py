"""A process such as that of a Databricks task: a Spark session and an event loop are there already.

Runs the command lines of its arguments, each a JSON array of changes to the environment and of
words, as Databricks runs an entry point, which takes any SystemExit for a failure. After each it
prints what is left of the session, if it was not lost.
"""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.profiling.conftest import options
from worker.cli.main import main
from worker.spark.engines.local import LocalEngine

TIME_ZONE = "spark.sql.session.timeZone"


async def cell(words: Sequence[str]) -> None:
    main(words)


if __name__ == "__main__":
    somebodys = LocalEngine(options(Path()))
    somebodys.start()
    spark = somebodys.session
    spark.conf.set(TIME_ZONE, "America/New_York")
    spark.sql("CREATE DATABASE shop")
    seconds = spark.sql("SELECT id, TIMESTAMP_SECONDS(id) AS at FROM range(7)")
    seconds.write.saveAsTable("shop.orders")
    spark.sql(
        "CREATE VIEW shop.endless AS"
        " SELECT id, reflect('java.lang.Thread', 'sleep', 600000L) AS slept FROM range(7)"
    )
    for line in sys.argv[1:]:
        changes, words = json.loads(line)
        os.environ.update(changes)
        try:
            asyncio.run(cell(words))
        except SystemExit as end:
            print("SystemExit", end.code)
        try:
            print(json.dumps([spark.range(3).count(), spark.conf.get(TIME_ZONE)]))
        except OSError:
            print("lost")
    somebodys.stop()
