"""The archive of Spark's classes is used if there is one, unless an operator chooses another."""

import shlex
import subprocess
from pathlib import Path

import pytest

from worker.spark import class_archive
from worker.spark.class_archive import archive_options, archive_path
from worker.spark.find_java import java_home


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file, at a path with a space, where the archive would be."""
    path = tmp_path / "an archive.jsa"
    path.write_bytes(b"no archive")
    monkeypatch.setattr(class_archive, "archive_path", lambda: path)
    monkeypatch.delenv("SPARK_SUBMIT_OPTS", raising=False)
    return path


def test_it_is_beside_the_jars_of_spark() -> None:
    assert (archive_path().parent / "jars").is_dir()


def test_without_an_archive_java_gets_no_options(archive: Path) -> None:
    archive.unlink()
    assert archive_options() == []


@pytest.mark.parametrize("chosen", ["-Xshare:off", '"-XX:SharedArchiveFile=/other.jsa"'])
def test_an_operators_own_choice_comes_first(
    archive: Path, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert archive_options()
    monkeypatch.setenv("SPARK_SUBMIT_OPTS", f"-Xlog:gc {chosen}")
    assert archive_options() == []


def test_java_starts_without_an_archive_that_it_cannot_use(archive: Path, tmp_path: Path) -> None:
    java = java_home(tmp_path) / "bin" / "java"
    options = shlex.split(" ".join(archive_options()))
    assert f"-XX:SharedArchiveFile={archive}" in options
    subprocess.run([java, *options, "-version"], capture_output=True, check=True)
