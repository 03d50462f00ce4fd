"""A real Prometheus that scrapes workers and evaluates the shortened rules."""

import json
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio.to_thread
import yaml

from tests.alerts.programs import find_program
from tests.alerts.rules import shortened
from tests.support.proxy import free_port

__all__ = ["FACTOR", "Prometheus"]

FACTOR = 30
_HOST = "127.0.0.1"
_INTERVAL = "500ms"
_TIMEOUT = 5.0


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A server that runs; each of its scrape jobs is a site."""

    port: int

    @classmethod
    @contextmanager
    def running(cls, folder: Path, jobs: Mapping[str, Sequence[int]]) -> Iterator["Prometheus"]:
        """Run a server while the block runs; `jobs` are the ports of each job's workers."""
        folder.mkdir()
        rules = folder / "rules.yaml"
        rules.write_text(yaml.safe_dump(shortened(FACTOR)))
        configuration = folder / "prometheus.yaml"
        configuration.write_text(yaml.safe_dump(_configuration(rules, jobs)))
        port = free_port()
        command = [
            str(find_program("prometheus")),
            f"--config.file={configuration}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address={_HOST}:{port}",
        ]
        with (folder / "prometheus.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            yield cls(port)
        finally:
            process.kill()
            process.wait()

    async def alerts(self, job: str) -> dict[str, str]:
        """Return the alerts of a job that fire now, or soon if nothing changes, by name."""
        return {
            one["labels"]["alertname"]: one["state"]
            for one in (await self._get("alerts"))["alerts"]
            if one["labels"].get("job") == job
        }

    async def ever_fired(self, job: str) -> set[str]:
        """Return the alerts of a job that have fired at any time."""
        selector = f'ALERTS{{alertstate="firing", job="{job}"}}'
        return {series["alertname"] for series in await self._get("series", {"match[]": selector})}

    async def fired_without_job(self, seconds: int) -> set[str]:
        """Return the alerts that have lately fired for no job, as if there were no workers."""
        selector = f'max_over_time(ALERTS{{alertstate="firing", job=""}}[{seconds}s])'
        return {series["alertname"] for series, _ in await self.value(selector)}

    async def value(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """Return what an expression comes to now: each series with its value."""
        result = (await self._get("query", {"query": expression}))["result"]
        return [(one["metric"], float(one["value"][1])) for one in result]

    async def ready(self) -> bool:
        """Return whether the server answers."""
        try:
            await self._get("query", {"query": "1"})
        except OSError:
            return False
        return True

    async def _get(self, path: str, parameters: Mapping[str, str] | None = None) -> Any:
        query = urllib.parse.urlencode(parameters or {})
        url = f"http://{_HOST}:{self.port}/api/v1/{path}?{query}"
        return json.loads(await anyio.to_thread.run_sync(_read, url))["data"]


def _read(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=_TIMEOUT) as answer:  # noqa: S310
        content: bytes = answer.read()
        return content


def _configuration(rules: Path, jobs: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    return {
        "global": {
            "scrape_interval": _INTERVAL,
            "scrape_timeout": _INTERVAL,
            "evaluation_interval": _INTERVAL,
        },
        "rule_files": [str(rules)],
        "scrape_configs": [
            {
                "job_name": job,
                "static_configs": [{"targets": [f"{_HOST}:{port}" for port in ports]}],
            }
            for job, ports in jobs.items()
        ],
    }
