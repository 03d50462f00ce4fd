"""`python -m tests.chaos.worker [--dqx] [--drain]`: the real worker, with the stand-in profiler.

Settings, logs and exit codes are those of `dqx-worker run`.
"""

import os
import sys

import anyio

from tests.chaos.stand_in import opener
from worker.cli.exit_codes import exit_code_of, innermost
from worker.cli.invoke import leave
from worker.process.worker import run_worker
from worker.settings import load_settings
from worker.settings.options import worker_options
from worker.telemetry.events import Event
from worker.telemetry.logs import configure_logs, get_logger


def main(*arguments: str) -> int:
    """Work until a signal; return the exit code."""
    log = get_logger(__name__)
    try:
        settings = load_settings(os.environ)
        configure_logs(settings.log_format, tracebacks=True, level=settings.log_level)

        async def work() -> int:
            end = await run_worker(
                worker_options(settings),
                drain="--drain" in arguments,
                open_profiler=opener(dqx="--dqx" in arguments),
            )
            code = (end.error and exit_code_of(end.error)) or end.stopped
            if end.hanging:
                leave(code)
            return code

        return anyio.run(work)
    # As the command line does it: an error that a person can act on has a code of its own.
    except Exception as error:
        cause = innermost(error)
        code = exit_code_of(cause)
        log.error(Event.WORKER_FAILED, error=str(cause), exit_code=int(code or 1), exc_info=cause)
        return int(code or 1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
