"""What Grafana is given at its start: data source, dashboards, and the copies of the alerts."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import promql_parser as promql
import yaml

from exporter.commands.copies import copies
from tests.grafana.boards import ROOT
from tests.grafana.known import alerts

PROVISIONING = ROOT / "grafana" / "provisioning"
RULES = "alert-rules.yaml.example"


def read(path: str) -> Any:
    document = yaml.safe_load((PROVISIONING / path).read_text(encoding="utf-8"))
    assert document["apiVersion"] == 1
    return document


@cache
def text() -> str:
    return dict(copies(ROOT))[f"grafana/provisioning/alerting/{RULES}"].decode()


@cache
def managed() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(text())["groups"] for rule in group["rules"]]


def test_the_rate_interval_follows_the_scrape_interval() -> None:
    scrape = yaml.safe_load((ROOT / "prometheus" / "prometheus.example.yml").read_text(encoding="utf-8"))
    [source] = read("datasources/prometheus.yaml")["datasources"]
    assert (source["uid"], source["type"]) == ("vobiz-prometheus", "prometheus")
    assert source["jsonData"]["timeInterval"] == scrape["global"]["scrape_interval"]


def test_dashboards_from_files_cannot_be_changed_or_lost_in_grafana() -> None:
    [provider] = read("dashboards/vobiz.yaml")["providers"]
    assert (provider["type"], provider["allowUiUpdates"], provider["disableDeletion"]) == ("file", False, True)


def test_no_alert_is_provisioned_unless_someone_renames_an_example() -> None:
    files = {path.name for path in (PROVISIONING / "alerting").iterdir()}
    assert files - {RULES} == {"contact-points.yaml.example"}
    assert "Either this or Alertmanager" in text()


def test_every_alert_has_a_copy_with_the_same_condition_and_patience() -> None:
    copies = {rule["title"]: rule for rule in managed()}
    assert copies.keys() == alerts().keys()
    for name, rule in alerts().items():
        copy = copies[name]
        queries = {entry["refId"]: entry["model"] for entry in copy["data"]}
        assert queries["A"]["expr"] == rule["expr"].strip()
        assert queries["B"]["expr"] == f"0 * (\n{rule['expr'].strip()}\n) + 1"
        promql.parse(queries["B"]["expr"])
        assert (copy["condition"], queries["C"]["expression"]) == ("C", "B")
        assert copy["for"] == rule.get("for", "0s")
        assert copy.get("keep_firing_for") == rule.get("keep_firing_for")
        assert copy["labels"]["severity"] == rule["labels"]["severity"]


def test_the_copies_ask_the_provisioned_data_source_and_have_uids_of_their_own() -> None:
    [source] = read("datasources/prometheus.yaml")["datasources"]
    asked = {entry["datasourceUid"] for rule in managed() for entry in rule["data"]}
    assert asked == {source["uid"], "__expr__"}
    uids = [rule["uid"] for rule in managed()]
    assert len(set(uids)) == len(uids)
    assert all(re.fullmatch(r"[a-z-]{1,40}", uid) for uid in uids)


def test_grafana_would_read_no_dollar_sign_as_a_variable_of_the_environment() -> None:
    """It replaces $NAME in all texts of such a file but the annotations."""
    for rule in managed():
        assert "$" not in str({key: value for key, value in rule.items() if key != "annotations"})


def test_a_copy_asks_nothing_in_its_texts_as_grafanas_templates_cannot() -> None:
    for rule in managed():
        assert "query" not in "".join(rule["annotations"].values())
        assert not re.search(r"\$value\b", rule["annotations"]["summary"])


def test_there_is_a_contact_point_and_no_notification_tree() -> None:
    document = read("alerting/contact-points.yaml.example")
    assert set(document) == {"apiVersion", "contactPoints"}
