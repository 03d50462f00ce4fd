"""From accepted suggestions to enforced rules: accept, export, read with DQX, apply to the table.

`python -m deploy.sandbox.enforce TABLE` reads a contract from stdin and prints how many rows of the
whole table DQX flags by each of its checks; it has a Spark of its own, as a team's job would.
"""

import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import anyio

from deploy.sandbox.accept_suggestions import accept
from deploy.sandbox.backend import Backend
from deploy.sandbox.best_suggestions import findings, sure
from deploy.sandbox.demo_output import Screen
from deploy.sandbox.logged_programs import run_logged
from deploy.sandbox.worker_process import worker_command

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

__all__ = ["accept_and_enforce"]

_CONTRACT, _SCHEMA = "nyc-flights", "weather"
_PATIENCE = 120.0


async def accept_and_enforce(
    backend: Backend, screen: Screen, environment: Mapping[str, str], table: Path, log: Path
) -> bool:
    """Accept what is sure and what is found of a table, and print what DQX flags by it.

    Return whether DQX read all of it, the sure rules flag no row, and the findings do. What the
    programs log is added to `log`. Raises `ProgramFailed`.
    """
    waiting = [
        row
        for row in await backend.suggestions_with_evidence()
        if (row["schema_name"], row["status"]) == (_SCHEMA, "pending")
    ]
    rules, found = sure(waiting), findings(waiting)
    await accept(backend, [row["id"] for row in (*rules, *found)])
    screen.say(
        f"\nAccepting the {len(rules)} sure rules and {len(found)} findings for {_SCHEMA}, and "
        "applying them with DQX to the whole table, in a Spark of its own, about 15 s ..."
    )
    with anyio.fail_after(_PATIENCE):
        exported = await run_logged(
            worker_command("checks", _CONTRACT, "--format", "odcs"), environment, log
        )
        applied = await run_logged(
            [sys.executable, "-m", __name__, str(table)], environment, log, exported
        )
    answer = json.loads(applied.decode().splitlines()[-1])
    flagged: dict[str, int] = answer["checks"]
    false_alarms = {row["rule"]: count for row in rules if (count := flagged.get(_key(row)))}
    screen.say(f"Of all {answer['rows']:,} rows DQX flags:")
    screen.say(f"  {sum(false_alarms.values()):>6,}  by the {len(rules)} sure rules")
    for rule, count in false_alarms.items():
        screen.say(f"  {count:>6,}  by the sure rule {rule}: a false alarm, or a new error")
    for row in found:
        screen.say(f"  {flagged.get(_key(row), 0):>6,}  by the finding {row['rule']}")
    read = all(_key(row) in flagged for row in (*rules, *found))
    return read and not false_alarms and all(flagged[_key(row)] for row in found)


def _key(row: Mapping[str, Any]) -> str:
    """Return what tells the checks of one table apart: their function and their arguments."""
    return _key_of(json.loads(row["implementation"])["check"])


def _key_of(check: Mapping[str, Any]) -> str:
    return json.dumps([check["function"], check["arguments"]], sort_keys=True)


def _apply(contract: str, table: str) -> None:
    """Print how many rows the checks of a contract flag, by their functions, as JSON."""
    from databricks.labs.dqx.datacontract.contract_rules_generator import (
        DataContractRulesGenerator,
    )
    from databricks.labs.dqx.engine import DQEngine
    from datacontract.data_contract import DataContract
    from pyspark.sql import SparkSession
    from pyspark.sql import functions as F  # noqa: N812

    from worker.workspace.offline import OfflineWorkspace

    client = cast("WorkspaceClient", OfflineWorkspace())
    spark = SparkSession.builder.config("spark.ui.enabled", "false").getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    checks = DataContractRulesGenerator(client).generate_rules_from_contract(
        contract=DataContract(data_contract_str=contract)
    )
    # Several checks may have one name.
    named = [{**one, "name": f"{at}"} for at, one in enumerate(checks)]
    rows = spark.read.parquet(table)
    applied = DQEngine(client, spark).apply_checks_by_metadata(rows, named)
    # Without errors or warnings a row has NULL there.
    results = [F.coalesce(one, F.array()) for one in ("_errors", "_warnings")]
    flagged = applied.select(F.explode(F.concat(*results)).alias("one")).groupBy("one.name").count()
    counts = {row[0]: row[1] for row in flagged.collect()}
    found = {_key_of(one["check"]): counts.get(one["name"], 0) for one in named}
    print(json.dumps({"rows": rows.count(), "checks": found}))
    spark.stop()


if __name__ == "__main__":
    from worker.spark.find_java import java_home

    with tempfile.TemporaryDirectory() as scratch:
        os.environ["JAVA_HOME"] = str(java_home(Path(scratch)))
        _apply(sys.stdin.read(), sys.argv[1])
