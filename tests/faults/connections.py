"""The rows for connections: refused, slow, reset, TLS that cannot be trusted, names and proxies that fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import TypeAlias

from exporter.api.errors import Outcome
from tests.api.hostile_server import HostileServer, Script, over_tls
from tests.api.proxy_server import forwards
from tests.faults import private
from tests.faults.course import Breaker, Case
from tests.faults.doors import AtTheDoor, Door, FullBacklog, Switched
from tests.faults.fault import Fault
from tests.faults.job import Job, Setting
from tests.faults.stage import Stage
from tests.faults.verdict import Verdict
from tests.faults.watch import NotWithinTimeError
from tests.faults.ways import HTTPS, WAYS, Place, Way

GROUP = "Connections"
PARTNER = "acme"

Step: TypeAlias = Callable[[], object]


def jobs() -> Iterator[Job]:
    """One for each way."""
    for way in WAYS:
        yield Job(name=way.name, rows=((GROUP, way.name, way.what),), run=partial(_run, way))


def _run(way: Way, directory: Path, wanted: frozenset[str], setting: Setting) -> list[Verdict]:
    verdict = Verdict(name=way.name, what=way.what, group=GROUP)
    if way.switch == "name":
        if not private.is_private():
            verdict.fail("alive", private.WHY)
            return [verdict]
        private.know_host_by(directory)
    place = Place(directory / "certificates")
    with ExitStack() as opened:
        proxy = _Proxy(place.door if way.proxy else Door())
        opened.callback(proxy.close)
        tls = way.base_url == HTTPS

        def script(serve: Script) -> Script:
            served = over_tls(place.trusted, serve) if tls else serve
            return served if way.proxy else place.door.before(served)

        stage = opened.enter_context(
            Stage(
                directory,
                [PARTNER],
                setting,
                script=script,
                base_url=way.base_url,
                api={"timeout": "1s" if way.outcome is Outcome.TIMEOUT else "10s", "allow_http": True},
                interval=way.interval,
                environment=_environment(place, proxy, way),
            )
        )
        try:
            _befall(way, stage, place, proxy, verdict)
        except NotWithinTimeError as error:
            verdict.fail("recovered", str(error))
        verdict.require("alive", stage.alive, "it has ended, or does not poll")
        for leak in stage.leaks():
            verdict.fail("told", f"in the open: {leak}")
    return [verdict]


def _befall(way: Way, stage: Stage, place: Place, proxy: _Proxy, verdict: Verdict) -> None:
    stage.settle(PARTNER)
    fault = Fault(name=way.name, what=way.what, group=GROUP, outcome=way.outcome)
    breaker: Breaker
    if way.act is not None:
        hang_up = proxy.server.hang_up if way.proxy else stage.server.hang_up
        breaker = AtTheDoor(stage, place.door, way.act(place), hang_up)
        Case(stage, PARTNER, fault, "dashboard", False, breaker, verdict).run()
    else:
        breaker = Switched(stage, *_switch(way.switch, stage, place, proxy))
    Case(stage, PARTNER, fault, "dashboard", True, breaker, verdict, others_fail=True).run()


def _switch(switch: str, stage: Stage, place: Place, proxy: _Proxy) -> tuple[Step, Step]:
    """What breaks, and what mends it."""
    bundle, aside = place.authority.bundle, place.authority.bundle.with_suffix(".aside")

    def without_name() -> None:
        private.forget_host()
        stage.server.hang_up()

    def without_bundle() -> None:
        bundle.rename(aside)
        stage.server.hang_up()

    backlog = FullBacklog(stage)
    steps: dict[str, tuple[Step, Step]] = {
        "server": (stage.server.close, stage.reopen),
        "backlog": (backlog.off, backlog.on),
        "name": (without_name, private.know_host),
        "bundle": (without_bundle, lambda: aside.rename(bundle)),
        "proxy": (proxy.close, proxy.reopen),
    }
    return steps[switch]


class _Proxy:
    """A proxy that forwards, with a door before it."""

    def __init__(self, door: Door) -> None:
        self._script = door.before(forwards)
        self.server = HostileServer(self._script)

    def close(self) -> None:
        with suppress(OSError):
            self.server.close()

    def reopen(self) -> None:
        self.server = HostileServer(self._script, port=self.server.port)


def _environment(place: Place, proxy: _Proxy, way: Way) -> Mapping[str, str]:
    trust = {"REQUESTS_CA_BUNDLE": str(place.authority.bundle)} if way.base_url == HTTPS else {}
    if not way.proxy:
        return trust
    return trust | dict.fromkeys(("http_proxy", "https_proxy"), f"http://{proxy.server.authority}")
