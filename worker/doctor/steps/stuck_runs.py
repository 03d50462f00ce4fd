"""The step 'runs': whether runs wait for people, as one can't be ended or claiming is paused."""

from worker.doctor.errors import schema as errors
from worker.doctor.explain import hint
from worker.doctor.setup import Setup
from worker.doctor.step_report import StepResult
from worker.runs.adopt import unheld_runs
from worker.runs.pause import read_claiming

__all__ = ["check_runs"]


async def check_runs(setup: Setup) -> StepResult:
    """List the runs that are stuck, with what Postgres has refused, and report a pause."""
    database = setup.database.take()
    setup.readable.take()
    setup.session.take()
    setup.own_tables.take()
    stuck = [run for run in await unheld_runs(database) if run.stuck is not None]
    remarks = [hint(errors.run_stuck(run.id, run.stuck or "")) for run in stuck]
    claiming = await read_claiming(database)
    if claiming is not None and claiming.paused:
        remarks.append(hint(claiming.words))
    found = f"{len(stuck)} stuck" if stuck else "none is stuck"
    return StepResult(found, {"stuck": [run.id for run in stuck]}, remarks)
