"""Every expression parses: promtool says so if it is here, else its brackets are paired."""

import json
import re
from pathlib import Path

import pytest

from tests.alerts.programs import NoPrometheus, find_program
from tests.alerts.prometheus import FACTOR
from tests.alerts.promtool import refused
from tests.alerts.rules import FOLDER, expressions, read_rules

_PAIRS = {")": "(", "]": "[", "}": "{"}


def paired(expression: str) -> bool:
    """Return whether every bracket outside of quotes has its counterpart."""
    opened: list[str] = []
    for sign in re.sub(r'"[^"]*"', "", expression):
        if sign in _PAIRS.values():
            opened.append(sign)
        elif sign in _PAIRS and (not opened or opened.pop() != _PAIRS[sign]):
            return False
    return not opened and expression.count('"') % 2 == 0


def test_brackets_are_paired() -> None:
    found = [rule.expression for rule in read_rules()]
    for path in FOLDER.glob("*.json"):
        found += expressions(json.loads(path.read_text("utf-8")))
    assert len(found) > 40
    assert [one for one in found if not paired(one)] == []


@pytest.mark.parametrize("expression", ["sum(a", "a[5m", 'a{b="}"', "(a]", "a)"])
def test_a_bracket_without_counterpart_is_found(expression: str) -> None:
    assert not paired(expression)


def test_promtool_accepts_the_rules_and_the_panels(tmp_path: Path) -> None:
    try:
        find_program("promtool")
    except NoPrometheus as reason:
        pytest.skip(str(reason))
    assert refused(tmp_path, FACTOR) == ""
