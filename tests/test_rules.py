"""The alerting rules and the example files: they load, fire as their tests say, and nothing is missing."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.config.thresholds import THRESHOLDS
from tests.grafana.known import alerts, of_the_exporter, rules
from tests.rig.tools import tool

ROOT = Path(__file__).parent.parent
PROMETHEUS = ROOT / "prometheus"
RULE_FILES = sorted((PROMETHEUS / "rules").glob("*.yml"))
TEST_FILES = sorted((ROOT / "tests" / "rules").glob("*.test.yml"))
RUNBOOKS = ROOT / "docs" / "runbooks"
RUNBOOK_URL = "https://github.com/vobiz-exporter/vobiz-exporter/blob/main/docs/runbooks/"


@pytest.fixture(scope="session")
def promtool() -> str:
    return tool("promtool")


@pytest.fixture(scope="session")
def amtool() -> str:
    return tool("amtool")


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, cwd=ROOT)


@cache
def rule_tests() -> tuple[dict[str, Any], ...]:
    files = [yaml.safe_load(path.read_text()) for path in TEST_FILES]
    return tuple(test for file in files for series in file["tests"] for test in series.get("alert_rule_test", ()))


def texts() -> str:
    """Every expression and every template of the rules: whatever may name a metric."""
    parts = []
    for rule in rules():
        parts += [rule["expr"], *rule.get("labels", {}).values(), *rule.get("annotations", {}).values()]
    return "\n".join(parts).replace(RUNBOOK_URL, "")


@pytest.mark.process
def test_the_rules_load(promtool: str) -> None:
    done = run(promtool, "check", "rules", *RULE_FILES)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.process
@pytest.mark.timeout(600)
@pytest.mark.parametrize("path", TEST_FILES, ids=lambda path: path.name)
def test_the_alerts_fire_and_stay_quiet_as_their_unit_tests_say(promtool: str, path: Path) -> None:
    done = run(promtool, "test", "rules", path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_are_small_enough_to_read() -> None:
    recorded = [rule for rule in rules() if "record" in rule]
    assert sum(len(path.read_text().splitlines()) for path in RULE_FILES) <= 480
    assert len(recorded) <= 10
    assert [rule["record"] for rule in recorded if "vobiz:" in rule["expr"]] == [], "a recording reads a recording"


def test_every_rule_compares_what_belongs_to_one_job_and_partner() -> None:
    """And to no instance: two exporters of a partner, one that moved, a pod with another address are one thing."""
    for rule in rules():
        joined = [labels.split(", ") for labels in re.findall(r"\b(?:on|ignoring) \(([^)]+)\)", rule["expr"])]
        grouped = [labels.split(", ") for labels in re.findall(r"\bby \(([^)]*)\)", rule["expr"])]
        assert all("job" in labels for labels in joined + grouped), rule
        assert not any("instance" in labels for labels in joined), rule


def test_a_label_is_never_empty_as_prometheus_would_keep_its_template() -> None:
    for name, rule in alerts().items():
        templates = [text for text in rule["labels"].values() if "{{" in text]
        assert all("{{ else }}" in text for text in templates), name


def test_every_alert_has_a_test_in_which_it_fires_with_all_its_annotations() -> None:
    fired = [(test["alertname"], alert) for test in rule_tests() for alert in test.get("exp_alerts", [])]
    assert {name for name, _ in fired} == set(alerts())
    for name, alert in fired:
        assert set(alert["exp_annotations"]) == {"summary", "description", "runbook_url"}, name


def test_every_alert_but_the_watchdog_has_a_test_in_which_it_stays_quiet() -> None:
    quiet = {test["alertname"] for test in rule_tests() if not test.get("exp_alerts")}
    assert set(alerts()) - quiet == {"VobizWatchdog"}


def test_every_alert_named_in_a_test_exists() -> None:
    assert {test["alertname"] for test in rule_tests()} <= set(alerts())


def test_no_alert_is_defined_twice() -> None:
    names = [rule["alert"] for rule in rules() if "alert" in rule]
    assert len(names) == len(set(names))


def test_every_alert_has_a_runbook_with_the_four_sections() -> None:
    assert {path.stem for path in RUNBOOKS.glob("*.md")} == set(alerts())
    for name, alert in alerts().items():
        assert alert["annotations"]["runbook_url"] == f"{RUNBOOK_URL}{name}.md"
        text = (RUNBOOKS / f"{name}.md").read_text()
        assert text.startswith(f"# {name}\n")
        sections = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert sections == ["Meaning", "Impact", "Diagnosis", "Mitigation"], name


def test_every_alert_says_how_bad_it_is_and_critical_ones_page() -> None:
    for name, alert in alerts().items():
        labels = alert["labels"]
        assert labels["severity"] in {"critical", "warning", "none"}, name
        assert (labels.get("page") == "true") == (labels["severity"] == "critical"), name


def test_every_metric_the_rules_name_is_in_the_catalogue() -> None:
    named = set(re.findall(r"(?<![\w:])vobiz_\w+", texts()))
    assert named
    assert named <= set(of_the_exporter())


def test_every_label_the_rules_select_by_is_one_of_the_metric() -> None:
    labels = of_the_exporter()
    for name, selector in re.findall(r"(?<![\w:])(vobiz_\w+)\{([^}]*)\}", texts().replace("%s,", "").replace("%s", "")):
        # what a target's label has pushed aside is called exported_...
        selected = {label.removeprefix("exported_") for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selector)}
        assert selected <= labels[name], f"{name}{{{selector}}}"


def test_every_recorded_series_the_rules_and_runbooks_read_is_recorded() -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    pages = "\n".join(path.read_text() for path in (ROOT / "docs").glob("**/*.md"))
    assert set(re.findall(r"vobiz:[\w:]+\w", texts() + pages)) <= recorded


@pytest.mark.process
@pytest.mark.timeout(300)
def test_every_query_of_a_runbook_is_valid(promtool: str, tmp_path: Path) -> None:
    queries = [
        block.strip()
        for path in sorted(RUNBOOKS.glob("*.md"))
        for block in re.findall(r"```promql\n(.*?)```", path.read_text(), re.DOTALL)
    ]
    assert queries
    named = [{"record": f"runbook:{number}", "expr": query} for number, query in enumerate(queries)]
    path = tmp_path / "runbooks.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "runbooks", "rules": named}]}))
    done = run(promtool, "check", "rules", path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_threshold_that_an_exporter_does_not_export_has_its_default() -> None:
    pattern = r'\{alert="(\w+)"\}\) or (\S+) \* group by \(job, partner\) \(vobiz_up\)'
    read = dict(re.findall(pattern, texts()))
    assert {key: float(number) for key, number in read.items()} == {key: THRESHOLDS[key].default for key in read}
    assert set(re.findall(r'vobiz_alert_threshold\{alert=\\?"(\w+)', texts())) == {
        *read,
        "page_critical",
        "page_warning",
    }


@pytest.mark.process
def test_the_example_for_prometheus_loads_the_rules(promtool: str) -> None:
    done = run(promtool, "check", "config", PROMETHEUS / "prometheus.example.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(RULE_FILES)} rule files found" in done.stdout


@pytest.mark.process
def test_the_example_for_alertmanager_loads(amtool: str) -> None:
    done = run(amtool, "check-config", PROMETHEUS / "alertmanager.example.yml")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.process
@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (["alertname=VobizAnswerRateDrop", "severity=critical", "page=true", "partner=acme"], "pager"),
        (["alertname=VobizExporterDown", "severity=critical", "page=true"], "pager"),
        (["alertname=VobizAnswerRateDrop", "severity=critical", "page=true", "paging=off", "partner=acme"], "warnings"),
        (["alertname=VobizTrafficLow", "severity=warning", "partner=acme"], "warnings"),
        (["alertname=VobizTrafficLow", "severity=warning", "page=true", "partner=acme"], "pager"),
        (["alertname=VobizWatchdog", "severity=none"], "dead-mans-switch"),
    ],
)
def test_an_alert_goes_to_the_receiver_it_is_meant_for(amtool: str, labels: list[str], receiver: str) -> None:
    config = f"--config.file={PROMETHEUS / 'alertmanager.example.yml'}"
    done = run(amtool, "config", "routes", "test", config, *labels)
    assert (done.returncode, done.stdout.strip()) == (0, receiver), done.stderr


def test_every_alert_that_the_example_for_alertmanager_names_exists() -> None:
    text = (PROMETHEUS / "alertmanager.example.yml").read_text()
    patterns = set(re.findall(r"Vobiz[A-Z]\w*(?:\.\+)?", text))
    assert patterns
    for pattern in patterns:
        assert any(re.fullmatch(pattern, alert) for alert in alerts()), pattern


def test_every_inhibition_compares_job_partner_and_instance() -> None:
    config = yaml.safe_load((PROMETHEUS / "alertmanager.example.yml").read_text())
    assert config["inhibit_rules"]
    for rule in config["inhibit_rules"]:
        assert {"job", "partner", "instance"} <= set(rule["equal"])


def test_the_table_of_all_alerts_is_that_of_the_rules() -> None:
    text = (ROOT / "docs" / "alerts.md").read_text()
    rows = re.findall(r"^\| \[(\w+)\]\(runbooks/\1\.md\) \| .+ \| (.+) \| (\w+) \|$", text, re.MULTILINE)
    assert {alert: (patience, severity) for alert, patience, severity in rows} == {
        alert: (
            ", kept ".join(filter(None, [rule.get("for", "0"), rule.get("keep_firing_for")])),
            rule["labels"]["severity"],
        )
        for alert, rule in alerts().items()
    }
