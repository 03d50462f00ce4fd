"""The step 'rights': the tables, columns and rights that a worker needs, asked of Postgres."""

from worker.database.pool import Connection
from worker.database.schema_errors import rights_missing
from worker.database.sql import load_sql
from worker.doctor.errors import schema as errors
from worker.doctor.explain import hint
from worker.doctor.setup import Setup
from worker.doctor.step_report import StepFailed, StepResult
from worker.preflight.requirements import Lacks, backend_lacks_of
from worker.telemetry.cures import cures

__all__ = ["check_rights"]

_WHERE = load_sql(__package__, "where_tables_are")
_TO_READ = ("GRANT USAGE", "GRANT SELECT")


async def check_rights(setup: Setup) -> StepResult:
    """Look for what is missing; each missing right as the statement that gives it."""
    options = setup.database_options
    async with setup.database.take().connection() as connection:
        role = await connection.fetchval("SELECT current_user::text")
        lacks = await backend_lacks_of(connection, options)
        refusal = lacks.refusal(options)
        if refusal and (lacks.tables or lacks.columns):
            where = await _where(connection, lacks, setup)
            raise StepFailed(refusal, where, _detail(lacks), enough=True)
        if not any(one.startswith(_TO_READ) for one in lacks.grants):
            setup.readable.give(True)
    if refusal and lacks.grants:
        raise StepFailed(
            refusal,
            [f"{one};" for one in lacks.grants],
            _detail(lacks),
            said=f"the role {role} lacks rights",
        )
    if refusal:
        raise StepFailed(refusal, detail=_detail(lacks))
    setup.writable.give(True)
    remarks = [hint(errors.row_security(", ".join(lacks.secured)))] if lacks.secured else []
    return StepResult(
        f"the role {role} may do all that is needed in {options.backend_schema}",
        {"role": role, **_detail(lacks)},
        remarks,
    )


def _detail(lacks: Lacks) -> dict[str, object]:
    return {
        "missing_tables": lacks.tables,
        "missing_columns": lacks.columns,
        "missing_grants": lacks.grants,
        "unfilled_columns": lacks.unfilled,
    }


async def _where(connection: Connection, lacks: Lacks, setup: Setup) -> list[str]:
    """Return hints on where the backend's tables are, and on the rights that are missing too."""
    hints = [f"{one};" for one in lacks.grants]
    hints += cures(rights_missing("")) if hints else []
    if "data_profiling_runs" not in lacks.tables:
        return [hint(errors.column_missing()), *hints]
    row = await connection.fetchrow(_WHERE)
    schemas, databases = (row["schemas"], row["databases"]) if row else ([], [])
    if schemas:
        return [hint(errors.tables_elsewhere(" or ".join(schemas))), *hints]
    others = ", ".join(databases) or "none"
    return [hint(errors.tables_nowhere(setup.database_options.database, others)), *hints]
