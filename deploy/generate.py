"""Write the Kubernetes manifests that hold the shipped rules and dashboards.

    python deploy/generate.py            writes deploy/kubernetes/monitoring/prometheusrules.yaml and dashboards.yaml
    python deploy/generate.py --check    says which of them is out of date, and exits 1 if one is

The files are held word for word, comments included: what a cluster runs can be read next to what is here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
HOME = ROOT / "deploy" / "kubernetes" / "monitoring"
HEAD = "# Written by deploy/generate.py: change the files it is made from.\n"

RULE = """---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: {name}
spec:
{text}"""

DASHBOARD = """---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}-dashboard
  labels:
    # what Grafana's sidecar looks for, and the folder it is put in
    grafana_dashboard: "1"
  annotations:
    grafana_folder: Vobiz
data:
  {name}.json: |
{text}"""


def generated() -> Iterator[tuple[Path, str]]:
    """Each generated file and what has to be in it."""
    rules = sorted((ROOT / "prometheus" / "rules").glob("*.yml"))
    yield HOME / "prometheusrules.yaml", HEAD + "".join(_manifest(RULE, path, indent=2) for path in rules)
    dashboards = sorted((ROOT / "grafana" / "dashboards").glob("*.json"))
    yield HOME / "dashboards.yaml", HEAD + "".join(_manifest(DASHBOARD, path, indent=4) for path in dashboards)


def _manifest(template: str, path: Path, *, indent: int) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    text = "".join(f"{' ' * indent}{line}".rstrip() + "\n" for line in lines)
    return template.format(name=path.stem, text=text)


def main(argv: list[str] | None = None) -> int:
    """Write the files, or with --check compare them."""
    arguments = argparse.ArgumentParser(description="Write the manifests that hold the shipped rules and dashboards.")
    arguments.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is out of date")
    check = arguments.parse_args(argv).check
    status = 0
    for path, text in generated():
        if not check:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            print(f"{path.relative_to(ROOT)} is out of date: run python deploy/generate.py", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
