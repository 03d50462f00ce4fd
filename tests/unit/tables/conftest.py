from pathlib import Path

import pytest


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with a sibling, `outside`, that holds the same files."""
    for folder in (tmp_path / "root", tmp_path / "outside"):
        (folder / "parts" / "year=2024").mkdir(parents=True)
        (folder / "parts" / "year=2024" / "part-0.parquet").write_text("PAR1")
        (folder / "empty").mkdir()
        for name in ("a.csv", "a.csv.gz", "B.CSV", "a.parquet", "a b [1].csv", "a.json", "noext"):
            (folder / name).touch()
    return tmp_path / "root"


@pytest.fixture
def outside(root: Path) -> Path:
    return root.parent / "outside"
