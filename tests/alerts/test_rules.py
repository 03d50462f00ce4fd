"""The alert rules: what they name exists, and each of them leads somewhere."""

import re
from pathlib import Path

import pytest

from tests.alerts.metric_names import documented, named
from tests.alerts.rules import ROOT, Rule, read_rules, shortened
from tests.alerts.scenarios import SCENARIOS
from tests.support.links import anchors
from worker.metrics.labels import Reason

PAGE = ROOT / "docs/operating.md"
RULE_LIST = read_rules()


def test_there_is_an_alert_for_whatever_an_operator_must_know() -> None:
    names = [rule.alert for rule in RULE_LIST]
    assert len(names) == len(set(names)) >= 8


@pytest.mark.parametrize("rule", RULE_LIST, ids=lambda rule: rule.alert)
def test_an_alert_names_metrics_that_workers_expose(rule: Rule) -> None:
    assert named(rule.expression) <= documented() | {"up"}
    assert named(rule.expression) & documented()


@pytest.mark.parametrize("rule", RULE_LIST, ids=lambda rule: rule.alert)
def test_an_alert_says_what_it_is_and_leads_to_its_entry(rule: Rule) -> None:
    assert rule.severity in ("critical", "warning")
    assert set(rule.annotations) == {"summary", "description", "runbook_url"}
    page, _, anchor = rule.annotations["runbook_url"].partition("#")
    assert anchor == rule.alert.lower()
    assert anchor in anchors((ROOT / page).read_text("utf-8"))
    assert f"[{rule.alert}]({Path(page).name}#{anchor})" in PAGE.read_text("utf-8")


def test_no_entry_is_about_an_alert_that_is_gone() -> None:
    page = (ROOT / "docs/runbook.md").read_text("utf-8")
    headings = re.findall(r"^## (DqxWorker\w+)$", page, re.MULTILINE)
    assert headings == [rule.alert for rule in RULE_LIST]


def test_the_pages_know_every_reason_of_a_run_that_failed() -> None:
    failed = {reason.value for reason in Reason if reason.status == "failed"}
    page = (ROOT / "docs/failed-runs.md").read_text("utf-8")
    headings = "".join(re.findall(r"^## .*$", page, re.MULTILINE))
    assert set(re.findall(r"`(\w+)`", headings)) == failed
    entry = (ROOT / "docs/runbook.md").read_text("utf-8").partition("## DqxWorkerFailures")[2]
    rows = "".join(re.findall(r"^\| (`.*?) \|", entry.partition("\n## ")[0], re.MULTILINE))
    # People do these two on purpose.
    assert set(re.findall(r"`(\w+)`", rows)) == failed - {"cancelled", "stopped"}


def test_a_fault_fires_each_alert() -> None:
    assert {one.alert for one in SCENARIOS if one.alert} == {rule.alert for rule in RULE_LIST}


def test_a_shortened_rule_has_its_minutes_and_hours_divided(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(
        "groups:\n- name: g\n  rules:\n"
        "  - {alert: A, expr: 'max(age) > 5 * 60 and increase(x[15m]) > 60', for: 1h}\n"
        "  - {alert: B, expr: 'y > 2', for: 30s}\n"
    )
    first, second = shortened(30, path)["groups"][0]["rules"]
    assert first == {
        "alert": "A",
        "expr": "max(age) > 5 * 2 and increase(x[30000ms]) > 60",
        "for": "120000ms",
    }
    assert second == {"alert": "B", "expr": "y > 2", "for": "30s"}
