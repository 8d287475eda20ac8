"""The exporter as the StatefulSet starts it: its probes, and a ConfigMap and a Secret that change under it."""

from __future__ import annotations

import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.manifests import KUBERNETES, container, filled, mounts
from tests.metrics.test_golden_pages import documented_answers
from tests.rig.exporter import Exporter
from tests.rig.vobiz import ScriptedVobiz
from tests.rig.waiting import wait_for

pytestmark = pytest.mark.process

GOOD = documented_answers("dashboard.json", "analytics-today.json")


@pytest.fixture
def api() -> Iterator[ScriptedVobiz]:
    with ScriptedVobiz(GOOD) as api:
        yield api


class Mounted:
    """A folder as the kubelet mounts one: files are links through ``..data``, which changes in one step."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._version = 0
        folder.mkdir()

    def put(self, name: str, text: str) -> None:
        """A new version of the folder, with this one file."""
        self._version += 1
        version = self._folder / f"..version_{self._version}"
        version.mkdir()
        (version / name).write_text(text, encoding="utf-8")
        new = self._folder / "..data_tmp"
        new.symlink_to(version.name)
        new.replace(self._folder / "..data")
        if not (self._folder / name).is_symlink():
            (self._folder / name).symlink_to(f"..data/{name}")


class Pod:
    """The volumes of the pod, in a folder, and how the container is started with them."""

    def __init__(self, folder: Path, base_url: str) -> None:
        self._folder = folder
        self._api = f"api: {{base_url: '{base_url}'}}\n"
        self.config, self.secret = Mounted(folder / "config"), Mounted(folder / "secret")
        (folder / "state").mkdir()
        self.configure("acme")
        self.secret.put("auth_token", "first-token")

    def configure(self, name: str) -> None:
        """What is shipped, with this name for the partner."""
        text = filled((KUBERNETES / "config.yaml").read_text(encoding="utf-8")).replace("name: acme", f"name: {name}")
        self.config.put("config.yaml", self._here(text) + "poll: {interval: 1s}\n" + self._api)

    @property
    def arguments(self) -> list[str]:
        return [self._here(argument) for argument in container()["args"]]

    def _here(self, text: str) -> str:
        for name, path in mounts().items():
            text = text.replace(path, str(self._folder / name))
        return text


def probe(daemon: Exporter, name: str) -> int:
    try:
        daemon.page(container()[name]["httpGet"]["path"])
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    return 200


def test_the_probes_say_alive_and_ready(api: ScriptedVobiz, tmp_path: Path) -> None:
    with Exporter(*Pod(tmp_path, api.url).arguments) as daemon:
        wait_for(lambda: probe(daemon, "readinessProbe") == 200)
        assert probe(daemon, "livenessProbe") == 200
        assert (tmp_path / "state" / "state.db").exists()


def test_an_api_that_is_down_does_not_make_the_pod_restart_or_unready(api: ScriptedVobiz, tmp_path: Path) -> None:
    api.script = lambda endpoint, query: (500, b"{}")
    with Exporter(*Pod(tmp_path, api.url).arguments) as daemon:
        wait_for(lambda: probe(daemon, "readinessProbe") == 200)
        assert probe(daemon, "livenessProbe") == 200


def test_a_changed_configmap_and_secret_are_taken_without_a_restart(api: ScriptedVobiz, tmp_path: Path) -> None:
    pod = Pod(tmp_path, api.url)
    with Exporter(*pod.arguments) as daemon:
        daemon.wait_for(lambda: "first-token" in api.tokens, "a poll")
        pod.secret.put("auth_token", "second-token")
        daemon.wait_for(lambda: "second-token" in api.tokens, "a poll with the new token")
        pod.configure("renamed")
        wait_for(lambda: daemon.value("vobiz_up", partner="renamed", endpoint="dashboard") == 1)
