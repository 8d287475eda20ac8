"""A daemon, the Vobiz that it polls, and the watch on its pages, for some faults."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.faults.job import Setting
from tests.faults.values import Values, expected, missing
from tests.faults.vobiz import CUSTOMER, TOKEN, Vobiz
from tests.faults.watch import Watch
from tests.rig.exporter import Exporter
from tests.rig.raw_server import HostileServer, Script
from tests.rig.waiting import WaitedTooLongError

INTERVAL = 1.0
"""Seconds between polls, the least that the exporter takes."""

STALE_AFTER = 3.0

_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "requests_ca_bundle", "curl_ca_bundle")


class Testbed:
    """Started and ended by ``with``; everything it writes is in ``directory``.

    ``base_url`` is made from the server's port. ``environment`` is added to the daemon's; proxies are only those in it.
    ``api``, ``poll`` and ``partner`` are what the configuration has besides.
    """

    def __init__(
        self,
        directory: Path,
        partners: Sequence[str],
        setting: Setting,
        *,
        script: Callable[[Script], Script] | None = None,
        base_url: str = "http://127.0.0.1:{port}/api/v1/partner",
        api: Mapping[str, object] | None = None,
        interval: float = INTERVAL,
        state: Path | None = None,
        environment: Mapping[str, str] | None = None,
        poll: Mapping[str, object] | None = None,
        partner: Mapping[str, str] | None = None,
    ) -> None:
        self.setting = setting
        self.directory = directory
        self.state = state or directory / "state" / "state.db"
        self.state.parent.mkdir(parents=True, exist_ok=True)
        self.config = directory / "config.yaml"
        self.interval = interval
        self.partners = list(partners)
        self.vobiz = Vobiz([auth_id_of(number) for number in range(len(partners))])
        self.auth_ids = dict(zip(partners, self.vobiz.accounts, strict=True))
        self._base = {partner: self.vobiz.books(auth_id) for partner, auth_id in self.auth_ids.items()}
        self._script = self.vobiz.serve if script is None else script(self.vobiz.serve)
        self._base_url = base_url
        self._api = api or {}
        self._partner = partner or {"auth_token": TOKEN}
        self._poll = poll or {}
        self._environment = {**dict.fromkeys(_PROXIES, ""), **dict.fromkeys((n.upper() for n in _PROXIES), "")}
        self._environment |= environment or {}
        self.server = HostileServer(self._script)
        self.write_config()
        self.daemon = Exporter("run", f"--config.file={self.config}", environment=self._environment)
        self.watch = Watch(lambda: self.daemon.url_if_started, self.setting.stop)

    def __enter__(self) -> Testbed:
        with ExitStack() as opened:
            opened.callback(self._close_server)
            opened.callback(self.daemon.close)
            self.daemon.start()
            opened.enter_context(self.watch)
            self._open = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def write_config(self, **changes: object) -> None:
        """Write the configuration, with other sections where ``changes`` has them."""
        config: dict[str, object] = {
            "partners": [
                {"name": partner, "auth_id": auth_id, **self._partner} for partner, auth_id in self.auth_ids.items()
            ],
            "api": {"base_url": self._base_url.format(port=self.server.port), **self._api},
            "poll": {
                "interval": f"{self.interval:g}s",
                "slow_interval": "1h",
                "stale_after": f"{max(STALE_AFTER, 2 * self.interval):g}s",
                "periods": ["today", "30d"],
                **self._poll,
            },
            "state": {"path": str(self.state)},
            **changes,
        }
        # YAML reads JSON
        self.config.write_text(json.dumps(config, indent=1), encoding="utf-8")

    def reopen(self) -> None:
        """Start the server again on its port, after it was closed."""
        self.server = HostileServer(self._script, port=self.server.port)

    def another_daemon(self) -> Exporter:
        """One more daemon on the same files; whoever asks for it ends it."""
        return Exporter("run", f"--config.file={self.config}", environment=self._environment)

    @property
    def alive(self) -> bool:
        """Whether the daemon runs, says that it polls, and gives its metrics."""
        return self.daemon.running and bool(self.watch.reach("/-/healthy") and self.watch.reach())

    def leaks(self) -> list[str]:
        """Which secrets and personal data are in the log, on a page or in the state."""
        seen = "\n".join([self.daemon.output, self.watch.reach() or ""])
        if self.state.is_file():
            seen += self.state.read_bytes().decode("utf-8", "replace")
        return [what for what in (TOKEN, *CUSTOMER.values()) if what in seen]

    def count_from_here(self) -> None:
        """Counters begin at what the books say now."""
        self._base = {partner: self.vobiz.books(auth_id) for partner, auth_id in self.auth_ids.items()}

    def truth(self, partner: str) -> Values:
        """What the page must show of a partner now."""
        auth_id = self.auth_ids[partner]
        return expected(self.vobiz.books(auth_id), self._base[partner], auth_id)

    def grow(self, partner: str) -> None:
        """Book calls, and let pages show the values from before or after until :meth:`settle`."""
        with self.vobiz.lock:
            before = self.truth(partner)
            self.vobiz.grow(self.auth_ids[partner])
            self.watch.allow(partner, before, self.truth(partner))

    def settle(self, partner: str) -> None:
        """Wait for the page to show the truth of a partner, whole and with both endpoints up."""
        truth = self.truth(partner)

        def settled(page: Values) -> bool:
            ups = [value for (name, _), value in page.items() if name == "vobiz_up"]
            return ups == [1.0, 1.0] and not missing(page, truth)

        try:
            self.watch.until(settled, "the truth on the page", partner=partner)
        except WaitedTooLongError as error:
            lacking = missing(self.watch.page(partner), truth)
            raise WaitedTooLongError(f"{error}: {', '.join(lacking[:3]) or 'up is 0'}") from None
        self.watch.allow(partner, truth)

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds. Raises WaitedTooLongError, and StoppedError."""
        self.watch.wait_for(holds, what)

    def _close_server(self) -> None:
        # not before the end is it known which: it may have been replaced
        self.server.close()


def auth_id_of(number: int) -> str:
    """Of the partner with this number."""
    return f"PA_FAULTS{number:04d}"
