"""The files that ship, with no more than addresses changed and intervals shortened. Expressions stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from exporter.config.kinds import format_duration, parse_duration

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


def prometheus_config(content: Yaml, *, addresses: Mapping[str, str]) -> Yaml:
    """With every job's target, and Alertmanager's, at the address of that name. KeyError for a job that has none."""
    config = deepcopy(content)
    for job in config["scrape_configs"]:
        job["static_configs"] = [{"targets": [addresses[job["job_name"]]]}]
    config["alerting"]["alertmanagers"] = [{"static_configs": [{"targets": [addresses["alertmanager"]]}]}]
    return config


def alertmanager_config(
    content: Yaml, *, pages: str, warnings: str, signs_of_life: str, routing_key: str, secret: Callable[[str, str], str]
) -> Yaml:
    """With every receiver at one of three URLs. ``secret`` writes a named secret to a file and returns its path.

    E-mail is left out: nobody here takes it.
    """
    config = deepcopy(content)
    for receiver in config["receivers"]:
        receiver.pop("email_configs", None)
        for pagerduty in receiver.get("pagerduty_configs", ()):
            pagerduty["url"] = pages
            pagerduty["routing_key_file"] = secret("routing-key", routing_key)
        for slack in receiver.get("slack_configs", ()):
            slack["api_url_file"] = secret("slack-url", warnings)
        for webhook in receiver.get("webhook_configs", ()):
            webhook["url"] = signs_of_life
            webhook["http_config"]["authorization"]["credentials_file"] = secret("token", "of-the-drill")
    return config


def changes(factor: float) -> list[str]:
    """What the functions above change, for people."""
    keys = ", ".join(sorted(INTERVALS))
    return [
        f"divided by {factor:g}: {keys}; so are the exporter's poll interval and Prometheus's resend delay",
        "addresses and secret files of targets and receivers: all on loopback",
        "e-mail is left out of the receiver for warnings: there is no mail server here",
    ]
