"""Has DQX apply rules to rows: one action for all of them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from databricks.labs.dqx.engine import DQEngine
from databricks.labs.dqx.rule import CHECK_FUNC_REGISTRY
from pyspark.sql import functions as F  # noqa: N812

from tests.bench_suggestions.rule import Flags, Rule
from worker.workspace.offline import OfflineWorkspace

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from pyspark.sql import SparkSession

__all__ = ["Flagged", "apply_rules"]

_ROW = "bench_row"
Flagged = list[list[Flags]]
"""By rule, then by part."""


def apply_rules(
    session: "SparkSession", rules: Sequence[Rule], parts: Sequence[pa.Table], folder: Path
) -> Flagged:
    """Return which rows of each part each rule flags.

    Rules that look at one row at a time are applied to all parts at once. A rule that looks at many
    rows, such as `is_unique`, sees one part at a time, and costs an action for each.
    """
    single = [at for at, one in enumerate(rules) if not _of_many_rows(one)]
    many = [at for at, one in enumerate(rules) if _of_many_rows(one)]
    found: Flagged = [[np.zeros(part.num_rows, dtype=bool) for part in parts] for _ in rules]
    if single:
        ends = np.cumsum([part.num_rows for part in parts])[:-1]
        flags = _flagged(session, [rules[at] for at in single], pa.concat_tables(parts), folder)
        for at, one in zip(single, flags, strict=True):
            found[at] = list(np.split(one, ends))
    if many:
        for place, part in enumerate(parts):
            flags = _flagged(session, [rules[at] for at in many], part, folder)
            for at, one in zip(many, flags, strict=True):
                found[at][place] = one
    return found


def _of_many_rows(rule: Rule) -> bool:
    return str(CHECK_FUNC_REGISTRY.get(rule.function)) == "dataset"


def _flagged(
    session: "SparkSession", rules: Sequence[Rule], rows: pa.Table, folder: Path
) -> list[Flags]:
    """Return the flags of each rule. Rules that differ in their names alone are applied once."""
    numbers: dict[str, int] = {}
    of_rules = [numbers.setdefault(_form(one.metadata), len(numbers)) for one in rules]
    checks = [json.loads(form) | {"name": f"r{at}"} for form, at in numbers.items()]
    path = folder / f"{uuid4()}.parquet"
    pq.write_table(rows.append_column(_ROW, pa.array(range(rows.num_rows), pa.int64())), path)
    engine = DQEngine(cast("WorkspaceClient", OfflineWorkspace()), session)
    applied = engine.apply_checks_by_metadata(session.read.parquet(str(path)), checks)
    none = F.array().cast("array<string>")
    names = [
        F.coalesce(F.transform(F.col(kind), lambda one: one["name"]), none)
        for kind in ("_errors", "_warnings")
    ]
    named = applied.select(_ROW, F.concat(*names).alias("names")).where(F.size("names") > 0)
    with _interpreted(session):
        flagged = named.select(_ROW, F.explode("names").alias("name")).toArrow()
    path.unlink()
    flags = np.zeros((len(checks), rows.num_rows), dtype=bool)
    of_checks = [int(name[1:]) for name in flagged["name"].to_pylist()]
    flags[of_checks, flagged[_ROW].to_numpy()] = True
    return [flags[at] for at in of_rules]


@contextmanager
def _interpreted(session: "SparkSession") -> Iterator[None]:
    """Have Spark evaluate expressions as they are.

    Code that is compiled for these many checks costs twice as much as it saves on few rows.
    """
    settings = {
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    }
    for name, value in settings.items():
        session.conf.set(name, value)
    try:
        yield
    finally:
        for name in settings:
            session.conf.unset(name)


def _form(metadata: Mapping[str, Any]) -> str:
    """Return what a rule requires, without its name."""
    wanted = {name: one for name, one in metadata.items() if name in ("check", "filter")}
    return json.dumps(wanted | {"criticality": "error"}, sort_keys=True)
