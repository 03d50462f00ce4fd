"""What the workers' logs say that the database can't: which of them ended by themselves."""

from collections.abc import Iterator
from pathlib import Path

from tests.support.events_page import log_lines

__all__ = ["ended_by_themselves"]

_DEFECT = 1
_SHOWN = 300


def ended_by_themselves(log: Path) -> Iterator[str]:
    """Yield a sentence for each process that should not have ended: by a defect, or once ready.

    A worker that starts while the database is down may give up; one that was ready rides through.
    """
    ready = False
    for line in log_lines(log):
        match line.get("event"):
            case "worker.starting":
                ready = False
            case "worker.ready":
                ready = True
            case "worker.failed" if ready or line.get("exit_code") == _DEFECT:
                when = "after it was ready" if ready else "before it was ready"
                yield (
                    f"ended {when}, with exit code {line.get('exit_code')}: "
                    f"{str(line.get('error'))[:_SHOWN]}"
                )
