"""The daemon among servers that give everything away: neither the token nor a customer is on any way out of it."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.leaks.answers import SUCCESS, Switch, outcomes
from tests.leaks.telltale import AUTH_ID, NEXT_TOKEN, TOKEN, found_in
from tests.rig.certificates import Authority
from tests.rig.exporter import Exporter
from tests.rig.raw_server import HostileServer, over_tls, serving
from tests.rig.waiting import PATIENCE, wait_for

pytestmark = pytest.mark.process

OPENMETRICS = {"Accept": "application/openmetrics-text;version=1.0.0"}
PAGES = ("/metrics", "/", "/api/v1/status", "/-/healthy", "/-/ready", "/-/reload", f"/{TOKEN[:3]}")

TOKEN_IN_THE_WRONG_PLACE = (
    f"partners: [{{auth_id: PA_1, auth_token:{TOKEN}}}]",
    f"partners: [{{auth_id: PA_1, '{TOKEN}': x}}]",
    f"partners: [{{auth_id: '{TOKEN}', auth_token: '{TOKEN}'}}]",
    f"partners: [{{name: 'of {TOKEN}', auth_id: PA_1, auth_token: '{TOKEN}'}}]",
    f"partners: [{{auth_id: PA_1, auth_token_file: '/nowhere/{TOKEN}'}}]",
    f"partners: [{{auth_id: PA_1, auth_token: '${{{TOKEN}}}'}}]",
    f"partners: [{{auth_id: PA_1, auth_token: *{TOKEN}}}]",
    f"partners: [{{auth_id: PA_1, auth_token: !{TOKEN} x}}]",
    f"partners:\n  - auth_id: PA_1\n    auth_token: a\n   {TOKEN}\n",
    f"'{TOKEN}': x",
    f"api: {{base_url: 'https://{TOKEN}@api.vobiz.ai', timeout: '{TOKEN}'}}",
    f"poll: {{interval: '{TOKEN}', periods: ['{TOKEN}']}}\nalerts: {{'{TOKEN}': 1}}\ncollect: ['{TOKEN}']",
    f"'{TOKEN}'",
)


class Watched:
    """A daemon, and all that it has said to anybody."""

    def __init__(self, daemon: Exporter, config: Path) -> None:
        self.daemon = daemon
        self.config = config
        self.good = config.read_text(encoding="utf-8")

    def ask(self, path: str, *, method: str = "GET", headers: dict[str, str] | None = None) -> str:
        """An answer, headers and all, in which nothing has leaked."""
        url = self.daemon.url.replace("/metrics", path)
        try:
            with urllib.request.urlopen(
                urllib.request.Request(url, method=method, headers=headers or {}), timeout=PATIENCE
            ) as answer:
                said = f"{answer.headers}\n{answer.read().decode()}"
        except urllib.error.HTTPError as error:
            with error:
                said = f"{error.headers}\n{error.read().decode()}"
        assert not found_in(said), f"{method} {path}"
        return said

    def look_everywhere(self) -> None:
        for path in PAGES:
            self.ask(path)
        self.ask("/metrics", headers=OPENMETRICS)

    def reload(self, text: str | None = None) -> str:
        """Reload the configuration, a good one by default; partners are polled at once then."""
        self.config.write_text(self.good if text is None else text, encoding="utf-8")
        return self.ask("/-/reload", method="POST")

    def sees(self, outcome: str, *, endpoint: str = "dashboard") -> None:
        """Reload, and wait until a request has ended so."""
        labels = {"partner": "acme", "endpoint": endpoint, "outcome": outcome}

        def count() -> float:
            return self.daemon.value("vobiz_api_requests_total", **labels) or 0.0

        before = count()
        # a short patience is for that outcome alone: on a slow machine it would be any request's
        hasty = self.good.replace("timeout: 20s", "timeout: 300ms") if outcome == "timeout" else None
        assert "reloaded" in self.reload(hasty)
        wait_for(lambda: count() > before), f"no request ended as {outcome}"


@contextmanager
def watched(directory: Path, server: HostileServer, *flags: str) -> Iterator[Watched]:
    (directory / "token").write_text(TOKEN, encoding="utf-8")
    (directory / "state").mkdir()
    config = directory / "config.yaml"
    config.write_text(
        f"partners: [{{name: acme, auth_id: {AUTH_ID}, auth_token_file: {directory / 'token'}}}]\n"
        f"api: {{base_url: 'http://{server.authority}/{TOKEN}', timeout: 20s}}\n"
        f"poll: {{interval: 60s}}\nstate: {{path: {directory / 'state' / 'state.db'}}}\n",
        encoding="utf-8",
    )
    with Exporter("run", f"--config.file={config}", "--web.enable-lifecycle", "--log.level=debug", *flags) as daemon:
        yield Watched(daemon, config)


@pytest.mark.parametrize("style", ["logfmt", "json"])
def test_nothing_leaks_whatever_the_api_answers_and_whatever_is_reloaded(style: str, tmp_path: Path) -> None:
    switch = Switch(SUCCESS)
    with serving(SUCCESS) as elsewhere, serving(switch) as server:
        with watched(tmp_path, server, f"--log.format={style}") as watch:
            daemon = watch.daemon
            watch.sees("success", endpoint="analytics")
            watch.look_everywhere()
            for name, (outcome, switch.script) in outcomes(elsewhere.authority).items():
                watch.sees(outcome)
                print(name)
                watch.look_everywhere()
            _reload_what_is_wrong(watch)
            switch.script = SUCCESS
            _rotate(watch, tmp_path / "token")
            arguments = Path(f"/proc/{daemon.pid}/cmdline").read_text(encoding="utf-8")
            assert daemon.stop() == 0
        assert elsewhere.heads == []
    assert f"X-Auth-Token: {NEXT_TOKEN}" in server.heads[-1]
    assert not found_in(arguments)
    assert not found_in("\n".join(daemon.lines))
    for file in (tmp_path / "state").iterdir():
        assert not found_in(file.read_bytes().decode(errors="replace")), file


def _reload_what_is_wrong(watch: Watched) -> None:
    for text in TOKEN_IN_THE_WRONG_PLACE:
        assert "reloaded" not in watch.reload(text)
        watch.look_everywhere()
    watch.reload()


def _rotate(watch: Watched, file: Path) -> None:
    file.write_text(NEXT_TOKEN + "\n" + TOKEN, encoding="utf-8")
    assert "reloaded" not in watch.reload()
    file.write_text(NEXT_TOKEN, encoding="utf-8")
    watch.sees("success")
    watch.look_everywhere()


@pytest.mark.parametrize("expired", [False, True])
def test_nothing_leaks_where_the_certificate_is_not_trusted(expired: bool, tmp_path: Path) -> None:
    context = Authority(directory=tmp_path).server(expired=expired)
    with serving(over_tls(context, SUCCESS)) as server, watched(tmp_path, server) as watch:
        watch.good = watch.good.replace("http://", "https://")
        watch.sees("tls")
        watch.look_everywhere()
        assert watch.daemon.stop() == 0
    assert not found_in("\n".join(watch.daemon.lines))
