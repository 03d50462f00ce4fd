"""What a scenario is: workers, a fault, and the alert that the fault fires."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import ClassVar

from deploy.sandbox.postgres import Postgres
from tests.alerts.site import AlertSite

__all__ = ["Scenario"]

_FAST: Mapping[str, str] = {
    "DQX_WORKER_RUNS_PER_CONTRACT": "6",
    "DQX_WORKER_BACK_OFF": "1s",
}


class Scenario:
    """Workers that are well, until `fault` begins; with it one alert fires, and no other."""

    name: ClassVar[str]
    alert: ClassVar[str | None]
    """The alert, or None if none may fire."""
    workers: ClassVar[int] = 1
    settings: ClassVar[Mapping[str, str]] = {}
    hold: ClassVar[float] = 6.0
    """Seconds for which the fault goes on when its alert has fired.

    An alert that lasts for two minutes, shortened, would fire meanwhile.
    """

    @asynccontextmanager
    async def running(self, server: Postgres, folder: Path) -> AsyncIterator[AlertSite]:
        """Run the workers while the block runs."""
        settings = {**_FAST, **self.settings}
        async with AlertSite.made(server, folder, self.name, settings) as site:
            await site.start(self.workers, site.stand_ins.environment)
            yield site

    def fault(self, site: AlertSite) -> AbstractAsyncContextManager[None]:
        """Cause the fault, and lift it when the block ends."""
        raise NotImplementedError
