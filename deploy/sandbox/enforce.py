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
from deploy.sandbox.demo_output import Screen
from deploy.sandbox.logged_programs import run_logged
from deploy.sandbox.worker_process import worker_command

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

__all__ = ["accept_and_enforce"]

_CONTRACT, _SCHEMA = "nyc-flights", "weather"
_FUNCTIONS = ("is_in_range", "is_not_null_and_is_in_list", "is_not_null")
_PATIENCE = 120.0


async def accept_and_enforce(
    backend: Backend, screen: Screen, environment: Mapping[str, str], table: Path, log: Path
) -> bool:
    """Accept three suggestions for a table, and print what DQX flags by them; whether it did.

    What the programs log is added to `log`. Raises `ProgramFailed`.
    """
    waiting = [
        row
        for row in await backend.suggestions()
        if (row["schema_name"], row["status"]) == (_SCHEMA, "pending")
    ]
    # Those that some rows break first, and of the others the short ones.
    waiting.sort(key=lambda row: (row["confidence_score"] is not None, len(row["rule"])))
    chosen = [next(row for row in waiting if _function(row) == one) for one in _FUNCTIONS]
    await accept(backend, [row["id"] for row in chosen])
    screen.say(
        f"\nAccepting {len(chosen)} of the suggestions for {_SCHEMA}, and applying them with DQX "
        "to the whole table, in a Spark of its own, about 15 s ..."
    )
    with anyio.fail_after(_PATIENCE):
        exported = await run_logged(
            worker_command("checks", _CONTRACT, "--format", "odcs"), environment, log
        )
        applied = await run_logged(
            [sys.executable, "-m", __name__, str(table)], environment, log, exported
        )
    flagged = json.loads(applied.decode().splitlines()[-1])
    screen.say(f"Of all {flagged['rows']:,} rows DQX flags:")
    for row in chosen:
        count = flagged["checks"].get(_function(row))
        screen.say(f"  {'not read' if count is None else f'{count:,}':>8}  {row['rule']}")
    # A finding flags what it was found by.
    read = set(flagged["checks"]) == set(_FUNCTIONS)
    return read and any(flagged["checks"].values())


def _function(row: Mapping[str, Any]) -> str:
    return str(json.loads(row["implementation"])["check"]["function"])


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
    rows = spark.read.parquet(table)
    applied = DQEngine(client, spark).apply_checks_by_metadata(rows, checks)
    # Without errors or warnings a row has NULL there.
    results = [F.coalesce(one, F.array()) for one in ("_errors", "_warnings")]
    flagged = (
        applied.select(F.explode(F.concat(*results)).alias("one"))
        .groupBy("one.function")
        .count()
        .collect()
    )
    counts = {check["check"]["function"]: 0 for check in checks}
    counts |= {row[0]: row[1] for row in flagged}
    print(json.dumps({"rows": rows.count(), "checks": counts}))
    spark.stop()


if __name__ == "__main__":
    from worker.spark.find_java import java_home

    with tempfile.TemporaryDirectory() as scratch:
        os.environ["JAVA_HOME"] = str(java_home(Path(scratch)))
        _apply(sys.stdin.read(), sys.argv[1])
