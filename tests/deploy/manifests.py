"""The Kubernetes manifests as they are committed."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
KUBERNETES = ROOT / "deploy" / "kubernetes"
MONITORING = KUBERNETES / "monitoring"
KUSTOMIZATIONS = (KUBERNETES, MONITORING)

Manifest = dict[str, Any]


@functools.cache
def objects(folder: Path) -> tuple[Manifest, ...]:
    """What the resources of a kustomization hold."""
    texts = [(folder / name).read_text(encoding="utf-8") for name in kustomization(folder)["resources"]]
    return tuple(manifest for text in texts for manifest in yaml.safe_load_all(text))


def kustomization(folder: Path) -> Manifest:
    content: Manifest = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))
    return content


def the(kind: str) -> Manifest:
    """The only object of a kind."""
    [found] = [manifest for folder in KUSTOMIZATIONS for manifest in objects(folder) if manifest["kind"] == kind]
    return found


def pod() -> Manifest:
    """The pod that the StatefulSet makes."""
    spec: Manifest = the("StatefulSet")["spec"]["template"]["spec"]
    return spec


def container() -> Manifest:
    """The only container in it."""
    [only] = pod()["containers"]
    found: Manifest = only
    return found


def mounts() -> dict[str, str]:
    """Where each volume is mounted, by its name."""
    return {mount["name"]: mount["mountPath"] for mount in container()["volumeMounts"]}


SECRET: Manifest = yaml.safe_load((KUBERNETES / "secret.example.yaml").read_text(encoding="utf-8"))
