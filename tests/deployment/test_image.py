"""What can be read from the Dockerfile; `make check-deploy` runs it."""

import re
from pathlib import Path

import yaml

from deploy.sandbox import grants
from tests.deployment.dockerfile import DOCKERFILE, stages

ROOT = DOCKERFILE.parents[2]


def test_the_product_is_the_last_stage_and_carries_no_build_tools() -> None:
    made = stages()
    *_, worker = made.values()
    assert worker.name == "worker"
    assert worker.all("COPY") == ["--from=build /opt/dqx-worker /opt/dqx-worker"]
    system = made[made[worker.parent].parent]
    assert "-slim-bookworm@" in system.parent
    assert not worker.all("RUN")


def test_every_image_of_a_registry_is_named_by_its_digest() -> None:
    """A tag is moved to another image; what is built today has to be what was tried."""
    made = stages()
    bases = {stage.parent for stage in made.values()} - made.keys()
    copied = {
        source
        for stage in made.values()
        for text in stage.all("COPY")
        for source in re.findall(r"--from=(\S+)", text)
    } - made.keys()
    services = [
        service
        for file in (ROOT / "deploy").rglob("*.y*ml")
        for service in (yaml.safe_load(file.read_text("utf-8")).get("services") or {}).values()
    ]
    images = {service["image"] for service in services if "build" not in service}
    assert bases
    assert images
    for image in bases | copied | images:
        assert re.fullmatch(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}", image), image
    assert [*(ROOT / "deploy").rglob("*ockerfile*")] == [
        DOCKERFILE,
        DOCKERFILE.with_name("Dockerfile.dockerignore"),
    ]


def test_it_runs_as_a_fixed_id_that_is_not_root() -> None:
    base = stages()["base"]
    assert base.all("USER") == ["10001:10001"]
    assert any("--uid 10001" in text for text in base.all("RUN"))


def test_the_entry_point_is_in_exec_form_so_that_signals_reach_the_worker() -> None:
    worker = stages()["worker"]
    assert worker.command("ENTRYPOINT") == ["dqx-worker"]
    assert worker.command("CMD") == ["run"]


def test_every_install_from_an_index_demands_hashes() -> None:
    installs = [
        part
        for stage in stages().values()
        for text in stage.all("RUN")
        for part in text.split("&&")
        if re.search(r"pip .*install", part)
    ]
    assert len(installs) == 4
    assert all("--require-hashes" in one or "--no-deps dist/*.whl" in one for one in installs)


def test_whatever_is_copied_is_there_and_let_in() -> None:
    allowed = [
        line.removeprefix("!")
        for line in (DOCKERFILE.parent / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
        if line.startswith("!")
    ]
    for stage in stages().values():
        for text in stage.all("COPY"):
            if not text.startswith("--from"):
                for source in text.split()[:-1]:
                    assert (ROOT / source).exists()
                    assert any(source == one or source.startswith(f"{one}/") for one in allowed)


def test_the_sandbox_finds_the_grants_where_it_looks_for_them() -> None:
    sandbox = stages()["sandbox"]
    (path,) = (text for text in sandbox.all("ENV") if text.startswith("PYTHONPATH="))
    copied = dict(text.split() for text in sandbox.all("COPY") if not text.startswith("--from"))
    for file in (Path(grants.__file__), grants.GRANTS):
        folder = str(file.parent.relative_to(ROOT))
        assert copied[folder] == f"{path.removeprefix('PYTHONPATH=')}/{folder}"
