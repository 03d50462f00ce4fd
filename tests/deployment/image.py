"""`python -m tests.deployment.image`: what the Dockerfile and compose.yaml run, without Docker.

Runs the very commands of the stage `build`, with /opt and /build below a folder of this
repository; then the services of compose.yaml in their order, on an embedded Postgres: the worker's
by the image's entry point, as the image's user, on a root that is read-only but for a tmpfs at
/tmp.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import anyio
import yaml

from deploy.sandbox.postgres import Postgres
from tests.deployment.dockerfile import Stage, stages

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".sandbox" / "image"
OPT = FOLDER / "opt/dqx-worker"
BUILD = FOLDER / "build"
_PATIENCE = 300.0
_EXIT_OF_SIGTERM = 143

_AS_IN_THE_IMAGE = """
mount --bind "$1" /etc/passwd
shift
mount -o remount,ro,bind /
mount -t tmpfs -o exec tmpfs /tmp
cd /tmp
exec setpriv --reuid 10001 --regid 10001 --clear-groups --no-new-privs "$@"
"""


def build(stage: Stage) -> None:
    """Do what the instructions of `stage` say."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    BUILD.mkdir(parents=True)
    python = BUILD / "bin" / "python"
    python.parent.mkdir()
    # What `python` is in the base image.
    python.symlink_to(Path(sys.base_prefix) / "bin/python3")
    for keyword, text in stage.instructions:
        match keyword:
            case "WORKDIR":
                assert text == "/build"
            case "COPY":
                *sources, target = text.split()
                for source in sources:
                    _copy(ROOT / source, BUILD / target)
            case "RUN":
                print(f"RUN {text}", flush=True)
                subprocess.run(
                    ["bash", "-euc", text.replace("/opt/dqx-worker", str(OPT))],
                    cwd=BUILD,
                    env={**os.environ, "PATH": f"{python.parent}:{os.environ['PATH']}"},
                    check=True,
                )


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


class Composed:
    """The services of compose.yaml, with its paths and ports in this machine's place."""

    def __init__(self, server: Postgres, entry_point: list[str]) -> None:
        self._content = yaml.safe_load((ROOT / "deploy/compose/compose.yaml").read_text("utf-8"))
        self._entry_point = [str(OPT / "bin" / entry_point[0]), *entry_point[1:]]
        self._here = {
            "5432": str(server.port),
            ":8080": f":{_free_port()}",
            "/secrets": str(FOLDER / "secrets"),
            "/tables": str(FOLDER / "tables"),
        }
        self._here["8080"] = self._here[":8080"].removeprefix(":")

    def make_secrets(self) -> None:
        """Run the service that makes them, with its volumes as new ones are."""
        volumes = self._content["services"]["secrets"]["volumes"]
        for volume in volumes:
            Path(self._put(volume.partition(":")[2])).mkdir(parents=True)
        assert self.run("secrets") == 0

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Start a service as its image would."""
        service = self._content["services"][name]
        is_worker = service["image"] == "dqx-worker"
        words = service.get("command") or stages()["worker" if is_worker else "sandbox"].command(
            "CMD"
        )
        environment = {key: self._put(value) for key, value in service["environment"].items()}
        if is_worker:
            command = [*_as_in_the_image(), *self._entry_point, *words]
            path = f"{OPT / 'bin'}:{_bare_path()}"
        else:
            command = [sys.executable, *words[1:]]
            path = os.environ["PATH"]
        print(f"{name}: {' '.join(words)}", flush=True)
        return subprocess.Popen(
            command,
            env={**environment, "PATH": path, "HOME": "/tmp"},  # noqa: S108
            cwd=ROOT,
        )

    def run(self, name: str) -> int:
        """Run a service to its end and return its exit code."""
        return self.start(name).wait(_PATIENCE)

    def wait_until_healthy(self, name: str) -> None:
        """Run the health check of a service until it passes."""
        test = self._content["services"][name]["healthcheck"]["test"]
        _, _python, *rest = [self._put(word) for word in test]
        deadline = time.monotonic() + _PATIENCE
        while subprocess.run(
            [sys.executable, *rest], stderr=subprocess.DEVNULL, check=False
        ).returncode:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{name} does not become healthy")
            time.sleep(0.2)

    def _put(self, value: str) -> str:
        for there, here in self._here.items():
            if value == there or (not there.isdigit() and there in value):
                return value.replace(there, here)
        return value


def play(stage: Stage) -> bool:
    """Run all services; tell whether each request ended as it has to."""
    with Postgres.running(FOLDER / "postgres") as server:
        services = Composed(server, stage.command("ENTRYPOINT"))
        services.make_secrets()
        password = (FOLDER / "secrets/database/POSTGRES_PASSWORD").read_text()
        anyio.run(_set_password, server, password)
        assert services.run("contracts") == 0
        running = [services.start("workspace")]
        try:
            services.wait_until_healthy("workspace")
            assert services.run("migrate") == 0
            running.append(services.start("worker"))
            ended = services.run("backend") == 0
        finally:
            for process in reversed(running):
                process.terminate()
            codes = [process.wait(_PATIENCE) for process in running]
    print(f"workspace and worker ended with {codes}; SIGTERM is 143")
    return ended and codes[1] == _EXIT_OF_SIGTERM


async def _set_password(server: Postgres, password: str) -> None:
    connection = await server.admin.connect()
    statement = await connection.fetchval(
        "SELECT format('ALTER ROLE postgres PASSWORD %L', $1::text)", password
    )
    await connection.execute(statement)
    await connection.close()


def _as_in_the_image() -> list[str]:
    if os.geteuid() != 0:
        print("not root: neither another user nor a read-only root is tried")
        return []
    passwd = FOLDER / "passwd"
    # What the image's useradd adds.
    user = "dqx:x:10001:10001::/tmp:/usr/sbin/nologin"
    passwd.write_text(f"{Path('/etc/passwd').read_text()}{user}\n")
    return ["unshare", "--mount", "bash", "-euc", _AS_IN_THE_IMAGE, "worker", str(passwd)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _bare_path() -> Path:
    """Return a folder with the programs that the base image has and Spark's scripts call."""
    folder = FOLDER / "bin"
    folder.mkdir(exist_ok=True)
    for program in ("bash", "dirname", "unshare", "mount", "setpriv"):
        found = shutil.which(program)
        if found and not (folder / program).exists():
            (folder / program).symlink_to(found)
    return folder


def main() -> int:
    made = stages()
    build(made["build"])
    return 0 if play(made["worker"]) else 1


if __name__ == "__main__":
    sys.exit(main())
