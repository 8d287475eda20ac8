"""The Kubernetes manifests, committed and made of rules and dashboards."""

from __future__ import annotations

import functools
import shutil
from pathlib import Path
from typing import Any

import yaml

from exporter.commands.copies import copies

ROOT = Path(__file__).parent.parent.parent
KUBERNETES = ROOT / "deploy" / "kubernetes"
MONITORING = KUBERNETES / "monitoring"
KUSTOMIZATIONS = (KUBERNETES, MONITORING)

Manifest = dict[str, Any]

ACCOUNT = "PA_TEST0001"


def filled(config: str) -> str:
    """A configuration that ships, its placeholder replaced as a user does."""
    return config.replace("PA_XXXXXXXX", ACCOUNT)


def write_whole(directory: Path) -> None:
    """Lay out the manifests in a directory, with those that are made of rules and dashboards."""
    shutil.copytree(KUBERNETES, directory / KUBERNETES.relative_to(ROOT))
    for path, content in made().items():
        if path.is_relative_to(KUBERNETES):
            (directory / path.relative_to(ROOT)).write_text(content, encoding="utf-8")


@functools.cache
def made() -> dict[Path, str]:
    """What is not committed, but made of rules and dashboards."""
    return {ROOT / name: content.decode() for name, content in copies(ROOT)}


@functools.cache
def objects(folder: Path) -> tuple[Manifest, ...]:
    """What the resources of a kustomization hold."""
    paths = [folder / name for name in kustomization(folder)["resources"]]
    texts = [path.read_text(encoding="utf-8") if path.exists() else made()[path] for path in paths]
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
