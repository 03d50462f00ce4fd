"""Nothing is collected while the command line and the SDK are imported, and afterwards again."""

import json
import subprocess
import sys

import pytest

# A Python of its own, since this one has imported all of it.
_SDK = "from worker.workspace.clients import load_sdk as load"
_COMMANDS = """
import sys
from worker.__main__ import main
sys.argv[1:] = ["version"]
def load():
    main()
"""
_COUNTED = """
import gc, json
{0}
def passes():
    # A young collection may precede the block or follow it.
    return [one["collections"] for one in gc.get_stats()][1:]
gc.collect()
before = passes()
load()
print(json.dumps({{"passes": [b - a for a, b in zip(before, passes())],
                  "enabled": gc.isenabled(), "frozen": gc.get_freeze_count()}}))
"""


@pytest.mark.parametrize("import_it", [_SDK, _COMMANDS], ids=["the SDK", "the command line"])
def test_nothing_is_collected_while_modules_are_imported(import_it: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _COUNTED.format(import_it)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    counted = json.loads(done.stdout.splitlines()[-1])
    assert counted["passes"] == [0, 0]
    assert counted["enabled"]
    assert counted["frozen"] > 10_000
