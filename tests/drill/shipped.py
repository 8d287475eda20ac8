"""The files that ship, with no more than addresses changed and intervals shortened. Expressions stay as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from exporter.config.kinds import format_duration, parse_duration
from tests.drill.receiver import PAGES, SIGNS_OF_LIFE, WARNINGS

ROOT = Path(__file__).resolve().parents[2] / "prometheus"
INTERVALS = frozenset(
    ("for", "keep_firing_for", "interval", "scrape_interval", "evaluation_interval", "group_wait", "group_interval")
)
"""Keys, wherever they stand, whose durations are divided. The windows inside expressions are not among them."""

Yaml = dict[str, Any]


def shipped(name: str) -> Yaml:
    """A file under ``prometheus/``, as it is."""
    content: Yaml = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    return content


def rule_files() -> list[str]:
    """The names of all rule files."""
    return sorted(f"rules/{path.name}" for path in (ROOT / "rules").glob("*.yml"))


def shortened(content: Any, factor: float) -> Any:
    """The same with every duration under a key of :data:`INTERVALS` divided by ``factor``."""
    if isinstance(content, list):
        return [shortened(item, factor) for item in content]
    if not isinstance(content, dict):
        return content
    return {
        key: format_duration(parse_duration(str(value)) / factor)
        if key in INTERVALS and not isinstance(value, dict)
        else shortened(value, factor)
        for key, value in content.items()
    }


def documented(name: str) -> list[Yaml]:
    """The YAML that a page under ``docs/`` shows, block by block."""
    text = (ROOT.parent / "docs" / name).read_text(encoding="utf-8")
    return [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)]


def prometheus_config(content: Yaml, *, addresses: Mapping[str, Sequence[str]], rules: Path, replica: int) -> Yaml:
    """With the rules in a directory, and the targets of every job, and Alertmanagers, at the addresses of that name.

    Everything else that docs/high-availability.md adds is added. KeyError for a job that has no address.
    """
    config = deepcopy(content)
    config["rule_files"] = [str(rules / name) for name in config["rule_files"]]
    for job in config["scrape_configs"]:
        job["static_configs"] = [{"targets": list(addresses[job["job_name"]])}]
    [doubled] = [one for one in documented("high-availability.md") if "alerting" in one]
    config["global"]["external_labels"] = {name: f"{name}-{replica}" for name in doubled["global"]["external_labels"]}
    config["alerting"] = {
        **doubled["alerting"],
        "alertmanagers": [{"static_configs": [{"targets": list(addresses["alertmanager"])}]}],
    }
    return config


def alertmanager_config(content: Yaml, *, receiver: str, routing_key: str, directory: Path) -> Yaml:
    """With every receiver at a URL, secrets in files of that directory, and no e-mail: nobody takes it here."""

    def secret(name: str, value: str) -> str:
        (directory / name).write_text(value, encoding="utf-8")
        return str(directory / name)

    config = deepcopy(content)
    for one in config["receivers"]:
        one.pop("email_configs", None)
        for pagerduty in one.get("pagerduty_configs", ()):
            pagerduty["url"] = receiver + PAGES
            pagerduty["routing_key_file"] = secret("routing-key", routing_key)
        for slack in one.get("slack_configs", ()):
            slack["api_url_file"] = secret("slack-url", receiver + WARNINGS)
        for webhook in one.get("webhook_configs", ()):
            webhook["url"] = receiver + SIGNS_OF_LIFE
            webhook["http_config"]["authorization"]["credentials_file"] = secret("token", "of-the-drill")
    return config


def changes(factor: float) -> list[str]:
    """What the functions above change, for people."""
    keys = ", ".join(sorted(INTERVALS))
    return [
        f"divided by {factor:g}: {keys}; so are the exporter's poll interval, Prometheus's resend delay "
        "and Alertmanager's peer timeout",
        "addresses and secret files of targets and receivers: all on loopback",
        "call records are collected, and labels of two Prometheus servers are as docs/high-availability.md has them",
        "e-mail is left out of the receiver for warnings: there is no mail server here",
    ]
