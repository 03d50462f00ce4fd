"""Remarks on settings that are right, and perhaps not what was meant."""

from collections.abc import Mapping, Sequence

from worker.doctor.errors import login, spark, workspace
from worker.doctor.explain import hint
from worker.spark.engine_kind import EngineKind

__all__ = ["settings_remarks"]


def settings_remarks(
    ignored: Sequence[str], overruled: Mapping[str, str], engine: EngineKind, tables: Sequence[str]
) -> list[str]:
    """Return what to know of settings: variables that are ignored, and tables that are all open.

    `overruled` names for each variable that does not count the one that does.
    """
    remarks = [hint(workspace.settings_ignored(", ".join(ignored)))] if ignored else []
    remarks += [hint(login.variables_differ(used, name)) for name, used in overruled.items()]
    if engine is not EngineKind.LOCAL and "*" in tables:
        remarks.append(hint(spark.any_table(engine)))
    return remarks
