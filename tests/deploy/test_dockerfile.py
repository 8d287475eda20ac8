"""The Dockerfile: linted, then carried out step by step and started as an engine would start it, read-only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from exporter import __version__
from tests.deploy.container import Container, need_namespaces
from tests.deploy.dockerfile import FILE, context, copied, instructions, settings
from tests.metrics.test_golden_pages import documented_answers
from tests.packaging.checkout import written_assets
from tests.packaging.wheelhouse import offline
from tests.rig.fetch import fetch
from tests.rig.process import Process, free_port, run
from tests.rig.vobiz import ScriptedVobiz

pytestmark = pytest.mark.process

STATE = "/var/lib/vobiz-exporter"


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Container:
    """The image, built."""
    need_namespaces()
    container = Container(tmp_path_factory.mktemp("image"))
    container.build(offline())
    return container


def inside(container: Container, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = container.command(arguments)
    return subprocess.run(command, env=container.environment(), capture_output=True, text=True, check=False)


def test_hadolint_has_nothing_to_say() -> None:
    run(Path(sys.executable).with_name("hadolint"), FILE)


def test_the_engine_is_given_what_is_copied_and_little_else() -> None:
    sources = {
        path for word, rest in instructions() if word == "COPY" and "--from=" not in rest for path in copied(rest)
    }
    assert set(context()) == sources
    assert not [path for path in sources if path.parts[0] in ("tests", "bench", ".git") or path.suffix == ".png"]


def test_the_user_is_a_number_and_no_root() -> None:
    user, _, group = settings().user.partition(":")
    assert (user, group) == ("10147", "10147")


def test_the_labels_tell_what_it_is_and_where_it_comes_from() -> None:
    prefix = "org.opencontainers.image."
    labels = settings().labels
    assert labels[f"{prefix}version"] == __version__
    assert labels[f"{prefix}revision"] == settings().environment["VOBIZ_EXPORTER_REVISION"]
    assert {"title", "description", "licenses", "source"} <= {name.removeprefix(prefix) for name in labels}


def test_no_installer_is_left_and_the_assets_are_there(container: Container) -> None:
    assert list(container.at("/opt/vobiz-exporter/bin").glob("pip*")) == []
    assert inside(container, *container.settings.entrypoint, "assets").stdout.splitlines() == sorted(written_assets())


def test_nothing_can_be_written_but_the_state(container: Container) -> None:
    places = ("/", "/opt/vobiz-exporter", "/tmp", "/etc", "/usr/bin", STATE)
    script = f"import os; print(*[path for path in {places} if os.access(path, os.W_OK)], os.getuid())"
    assert inside(container, "python", "-c", script).stdout == f"{STATE} 10147\n"


def test_it_starts_polls_keeps_its_state_is_healthy_and_stops(container: Container) -> None:
    port = free_port()
    asked = [part.replace("10147", str(port)) for part in container.settings.healthcheck]
    # Docker gives containers the proxy that its client is configured with
    healthcheck = ["env", "http_proxy=http://127.0.0.1:9", *asked]
    with ScriptedVobiz(documented_answers("dashboard.json", "analytics-today.json")) as api:
        # the one folder that it may read and write
        config = container.at(f"{STATE}/config.yaml")
        config.write_text(
            f"partners: [{{name: acme, auth_id: PA_TEST0001, auth_token: t0ken}}]\n"
            f"api: {{base_url: '{api.url}'}}\nstate: {{path: {STATE}/state.db}}\n"
        )
        config.chmod(0o644)
        arguments = [f"--config.file={STATE}/config.yaml", f"--web.listen-address=127.0.0.1:{port}"]
        command = container.command([*container.settings.entrypoint, *arguments])
        assert inside(container, *healthcheck).returncode == 1
        # nothing of this machine's environment
        daemon = Process(
            ["env", "-i", *(f"{name}={value}" for name, value in container.environment().items()), *command]
        )
        with daemon:
            daemon.wait_for(lambda: inside(container, *healthcheck).returncode == 0, "a good health check")
            up = b'vobiz_up{endpoint="dashboard",partner="acme"} 1'
            daemon.wait_for(lambda: up in fetch(f"http://127.0.0.1:{port}/metrics"), "a poll")
            state = container.at(f"{STATE}/state.db").stat()
            assert daemon.stop() == 0, daemon.output
    assert (state.st_uid, state.st_mode & 0o777) == (10147, 0o600)


def test_it_says_what_is_wrong_when_there_is_no_configuration(container: Container) -> None:
    done = inside(container, *container.settings.entrypoint)
    assert done.returncode == 1
    assert "VOBIZ_AUTH_ID" in done.stderr
