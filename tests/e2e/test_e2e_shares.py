"""The example of docs/scaling.md: processes with one configuration and a share each poll every partner once."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from exporter.simulator import DemoServer, DemoSettings

pytestmark = pytest.mark.process

PAGE = Path(__file__).parents[2] / "docs" / "scaling.md"
PARTNERS = 9


def example() -> dict[str, Any]:
    """The configuration that the page shows."""
    [text] = re.findall(r"```yaml\n(# config\.yaml.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def variables() -> list[dict[str, str]]:
    """What the page sets for each of the processes."""
    found = re.findall(r"^SHARD=(\S+) STATE=\S+/(\S+) vobiz-exporter ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [{"SHARD": shard, "STATE": state} for shard, state in found]


def polls(exposition: str) -> Counter[str]:
    """Requests for the dashboard that were answered, by partner."""
    return Counter(
        {
            sample.labels["partner"]: int(sample.value)
            for family in text_string_to_metric_families(exposition)
            for sample in family.samples
            if sample.name == "vobiz_api_requests_total"
            and (sample.labels["endpoint"], sample.labels["outcome"]) == ("dashboard", "success")
        }
    )


@pytest.mark.timeout(120)
def test_three_processes_with_one_configuration_poll_each_partner_once_together(tmp_path: Path) -> None:
    with DemoServer(DemoSettings(partners=PARTNERS)) as vobiz:
        vobiz.start()
        config = example()
        config["api"] = {"base_url": vobiz.url}
        config["partners"] = [
            {"name": f"partner-{number}", "auth_id": auth_id, "auth_token": token}
            for number, (auth_id, token) in enumerate(vobiz.partners)
        ]
        # YAML reads JSON.
        (tmp_path / "config.yaml").write_text(json.dumps(config), encoding="utf-8")
        processes = [
            subprocess.Popen(
                [sys.executable, "-m", "exporter", "once", "--config.file=config.yaml"],
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": str(PAGE.parents[1]), **variables},
                stdout=subprocess.PIPE,
                text=True,
            )
            for variables in variables()
        ]
        shares = [polls(process.communicate(timeout=60)[0]) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sum(shares, Counter()) == Counter(f"partner-{number}" for number in range(PARTNERS))
    assert sum(map(len, shares)) == PARTNERS
    assert max(map(len, shares)) < PARTNERS
    assert {path.name for path in tmp_path.glob("*.db")} == {"1.db", "2.db", "3.db"}
