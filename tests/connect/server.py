"""A Spark Connect server out of the pyspark wheel: a process that is killed and restarted."""

import json
import os
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support import jvm
from tests.support.proxy import free_port
from worker.spark.find_java import java_home

__all__ = ["ConnectServer", "spark_home"]

ROOT = Path(__file__).parents[2]
_HOST = "127.0.0.1"
_CLASS = "org.apache.spark.sql.connect.service.SparkConnectServer"
# The tables outlive the process: a metastore in a folder.
_SETTINGS = {
    "spark.master": "local[2]",
    "spark.scheduler.mode": "FAIR",
    "spark.driver.memory": "700m",
    "spark.driver.bindAddress": _HOST,
    "spark.driver.host": _HOST,
    "spark.connect.grpc.binding.address": _HOST,
    "spark.sql.catalogImplementation": "hive",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.retainedJobs": "50",
    "spark.ui.showConsoleProgress": "false",
}


def spark_home() -> Path:
    """Return the folder of the pyspark wheel in `.venv`, which the server is started from."""
    return next((ROOT / ".venv").glob("lib/python*/site-packages/pyspark"))


@dataclass
class ConnectServer:
    """Listens on the same port after each start; what it prints goes to `log`."""

    home: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    ui: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @classmethod
    @contextmanager
    def running(cls, home: Path, **settings: str) -> Iterator["ConnectServer"]:
        """Run a server while the block runs; `settings` are Spark's, with `_` for their dots."""
        named = {name.replace("_", "."): value for name, value in settings.items()}
        server = cls(home, named)
        server.start()
        try:
            yield server
        finally:
            server.kill()

    @property
    def url(self) -> str:
        """Its address, as SPARK_REMOTE has it."""
        return f"sc://{_HOST}:{self.port}"

    @property
    def log(self) -> Path:
        """What it has printed."""
        return self.home / "server.log"

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it; return at once. `listens` waits until it is ready."""
        home = spark_home()
        settings = {
            **_SETTINGS,
            "spark.connect.grpc.binding.port": str(self.port),
            "spark.ui.port": str(self.ui),
            "spark.local.dir": str(self.home / "scratch"),
            "spark.sql.warehouse.dir": str(self.home / "warehouse"),
            "spark.hadoop.javax.jdo.option.ConnectionURL": (
                f"jdbc:derby:;databaseName={self.home / 'metastore'};create=true"
            ),
            **self.settings,
        }
        confs = [part for one in settings.items() for part in ("--conf", "=".join(one))]
        environment = {
            **os.environ,
            "JDK_JAVA_OPTIONS": jvm.OPTIONS,
            "SPARK_HOME": str(home),
            "SPARK_LOCAL_IP": _HOST,
            "JAVA_HOME": str(java_home(self.home)),
        }
        with self.log.open("ab") as stream:
            self._process = subprocess.Popen(
                [home / "bin" / "spark-submit", "--class", _CLASS, *confs, "spark-internal"],
                env=environment,
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
            )

    @property
    def listens(self) -> bool:
        """Whether it takes connections."""
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()[-2000:]
        with socket.socket() as probe:
            return probe.connect_ex((_HOST, self.port)) == 0

    def kill(self) -> None:
        """End it with SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        """Stop it with SIGSTOP: connections stay open, nobody answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)

    def running_jobs(self) -> list[dict[str, Any]]:
        """Return the jobs that run now, of every session, as its own web interface lists them."""
        (application,) = self._asked("applications")
        return self._asked(f"applications/{application['id']}/jobs?status=running")

    def _asked(self, path: str) -> list[dict[str, Any]]:
        with urllib.request.urlopen(
            f"http://{_HOST}:{self.ui}/api/v1/{path}", timeout=90
        ) as answer:
            reported: list[dict[str, Any]] = json.load(answer)
        return reported
