"""The step 'columns': what an older backend may lack, and the worker does without."""

from worker.database.sql import load_sql
from worker.doctor.errors import schema as errors
from worker.doctor.explain import hint
from worker.doctor.setup import Setup
from worker.doctor.step_report import StepResult

__all__ = ["check_columns"]

_LACKS = load_sql(__package__, "optional_lacks")


async def check_columns(setup: Setup) -> StepResult:
    """Report which optional columns and tables are missing, or may not be read."""
    database = setup.database.take()
    async with database.connection() as connection:
        rows = await connection.fetch(_LACKS, setup.database_options.backend_schema)
    lacks = [row["what"] for row in rows if row["kind"] != "grant"]
    grants = [row["what"] for row in rows if row["kind"] == "grant"]
    remarks = [hint(errors.optional_lacks(", ".join(lacks)))] if lacks else []
    remarks += [hint(errors.optional_unreadable(one)) for one in grants]
    return StepResult(
        f"{len(lacks)} optional ones are not there" if lacks else "all optional ones are there",
        {"missing": lacks, "missing_grants": grants},
        remarks,
    )
