"""The requests of the demo: inserted, followed and reported, as a backend would."""

import json
import time
from collections.abc import Callable
from typing import Any

import anyio

from deploy.sandbox.backend import Backend
from deploy.sandbox.demo_output import Screen

__all__ = ["Requests"]

_POLL = 0.5
_PATIENCE = 600.0
# The requests, each with the status that it has to end with.
_REQUESTS = (
    ("nyc-flights", ["flights", "weather"], "completed"),
    ("nyc-reference", ["planes", "airports"], "completed"),
    ("palmer-penguins", ["penguins_raw"], "completed"),
    ("nyc-reference", ["airports", "airlines"], "failed"),
)


class Requests:
    """Four requests, one of which has to fail, and how they ended."""

    def __init__(self, backend: Backend, screen: Screen) -> None:
        self._backend = backend
        self._screen = screen
        self._expected: dict[str, str] = {}
        self._runs: list[dict[str, Any]] = []

    async def insert(self) -> None:
        """Insert them, one INSERT each."""
        for contract, schemas, status in _REQUESTS:
            self._expected[await self._backend.request(contract, schemas)] = status
        self._screen.say(f"{len(self._expected)} requests inserted with the status 'pending'")

    async def follow(self, working: Callable[[], bool]) -> bool:
        """Poll as the backend does until every run has ended; return whether they have.

        Gives up when no worker is `working` on them any more.
        """
        deadline = time.monotonic() + _PATIENCE
        with self._screen:
            while True:
                self._runs = await self._backend.poll()
                self._screen.progress(self._runs, await self._backend.status())
                if all(run["status"] in ("completed", "failed") for run in self._runs):
                    return True
                if not working() or time.monotonic() > deadline:
                    return False
                await anyio.sleep(_POLL)

    @property
    def as_expected(self) -> bool:
        """Whether each ended as it has to."""
        ended = {run["id"]: run["status"] for run in self._runs}
        return all(ended.get(run) == status for run, status in self._expected.items())

    async def report(self, rest: str) -> None:
        """Print some suggestions, where the `rest` is, what failed, and how long it took."""
        durations = []
        for run in self._runs:
            for name, table in _tables(run).items():
                if "rows" in table:
                    size = f"{table['rows']:,} x {table['columns']}"
                    durations.append((name, size, f"{table['duration_s']:.1f} s"))
        # Of each check one waits: that of the latest run, be it a failed one.
        self._screen.suggestions(await self._backend.suggestions_with_evidence())
        self._screen.say(rest)
        self._screen.times(self._runs, durations)
        for run in self._runs:
            if run["error_message"]:
                self._screen.failure(run["contract_id"], run["error_message"])


def _tables(run: dict[str, Any]) -> dict[str, Any]:
    tables: dict[str, Any] = json.loads(run["summary_stats"] or '{"tables": {}}')["tables"]
    return tables
