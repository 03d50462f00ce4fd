"""What a JVM prints is kept in bounded files, the last words of all."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

from worker.spark.jvm_output import RollingOutput

ATTEMPTS, EACH = 200, 12_000
_FAILS = f"""
for attempt in range({ATTEMPTS}):
    print("failed", attempt, "because", "x" * {EACH})
    print("\tat org.apache.spark.Nowhere")
print("the end")
"""


def test_the_log_of_a_jvm_rolls(tmp_path: Path) -> None:
    output = RollingOutput(tmp_path / "jvm.log")
    with closing(output):
        subprocess.run([sys.executable, "-c", _FAILS], stdout=output.writing, check=True)
    said = output.last_words()
    assert said.endswith("x\nthe end")
    assert "Nowhere" not in said
    kept = sum(file.stat().st_size for file in tmp_path.iterdir())
    assert 512 * 1024 < kept <= 1024 * 1024 < ATTEMPTS * EACH


def test_a_jvm_does_not_wait_for_a_folder_that_is_gone(tmp_path: Path) -> None:
    output = RollingOutput(tmp_path / "gone" / "jvm.log")
    with closing(output):
        subprocess.run(
            [sys.executable, "-c", _FAILS], stdout=output.writing, check=True, timeout=30
        )
    assert output.last_words() == ""
