"""The rows for connections: refused, slow, reset, TLS that cannot be trusted, names and proxies that fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TypeAlias

from exporter.api.errors import Outcome
from tests.faults import namespace
from tests.faults.breakers import FullBacklog, Intercepted, Interceptor, Switched
from tests.faults.case import Breaker, Case
from tests.faults.connection_faults import CONNECTION_FAULTS, HTTPS, NAMED_HTTPS, Certificates, ConnectionFault
from tests.faults.fault import Fault
from tests.faults.job import Job, Setting, Verdict
from tests.faults.testbed import Testbed
from tests.rig.proxy import forwards
from tests.rig.raw_server import HostileServer, Script, over_tls
from tests.rig.waiting import WaitedTooLongError

GROUP = "Connections"
PARTNER = "acme"

Step: TypeAlias = Callable[[], object]


def jobs() -> Iterator[Job]:
    """One for each fault."""
    for fault in CONNECTION_FAULTS:
        yield Job(name=fault.name, rows=((GROUP, fault.name, fault.what),), run=partial(_run, fault))


def _run(fault: ConnectionFault, directory: Path, wanted: frozenset[str], setting: Setting) -> list[Verdict]:
    verdict = Verdict(name=fault.name, what=fault.what, group=GROUP)
    if fault.switch == "name":
        if not namespace.is_private():
            verdict.fail("alive", namespace.WHY)
            return [verdict]
        namespace.know_host_by(directory)
    certificates = Certificates(directory / "certificates")
    with ExitStack() as opened:
        proxy = _Proxy(certificates.interceptor if fault.proxy else Interceptor())
        opened.callback(proxy.close)
        tls = fault.base_url in (HTTPS, NAMED_HTTPS)

        def script(serve: Script) -> Script:
            served = over_tls(certificates.trusted, serve) if tls else serve
            return served if fault.proxy else certificates.interceptor.before(served)

        testbed = opened.enter_context(
            Testbed(
                directory,
                [PARTNER],
                setting,
                script=script,
                base_url=fault.base_url,
                api={"timeout": "1s" if fault.outcome is Outcome.TIMEOUT else "10s", "allow_http": True},
                interval=fault.interval,
                environment=_environment(certificates, proxy, fault),
            )
        )
        try:
            _run_fault(fault, testbed, certificates, proxy, verdict)
        except WaitedTooLongError as error:
            verdict.fail("recovered", str(error))
        verdict.require("alive", testbed.alive, "it has ended, or does not poll")
        for leak in testbed.leaks():
            verdict.fail("logged", f"in the open: {leak}")
    return [verdict]


def _run_fault(
    fault: ConnectionFault, testbed: Testbed, certificates: Certificates, proxy: _Proxy, verdict: Verdict
) -> None:
    testbed.settle(PARTNER)
    known = Fault(name=fault.name, what=fault.what, group=GROUP, outcome=fault.outcome)
    breaker: Breaker
    if fault.act is not None:
        breaker = Intercepted(testbed, certificates.interceptor, fault.act(certificates))
        Case(testbed, PARTNER, known, "dashboard", False, breaker, verdict).run()
    else:
        breaker = Switched(testbed, *_switch(fault.switch, testbed, certificates, proxy))
    Case(testbed, PARTNER, known, "dashboard", True, breaker, verdict, others_fail=True).run()


def _switch(switch: str, testbed: Testbed, certificates: Certificates, proxy: _Proxy) -> tuple[Step, Step]:
    """What breaks, and what repairs it."""
    bundle, moved = certificates.authority.bundle, certificates.authority.bundle.with_suffix(".moved")

    backlog = FullBacklog(testbed)
    steps: dict[str, tuple[Step, Step]] = {
        "server": (testbed.server.close, testbed.reopen),
        "backlog": (backlog.off, backlog.on),
        "name": (namespace.forget_host, namespace.know_host),
        "bundle": (lambda: bundle.rename(moved), lambda: moved.rename(bundle)),
        "proxy": (proxy.close, proxy.reopen),
    }
    return steps[switch]


class _Proxy:
    """A proxy that forwards, with an interceptor before it."""

    def __init__(self, interceptor: Interceptor) -> None:
        self._script = interceptor.before(forwards)
        self.server = HostileServer(self._script)

    def close(self) -> None:
        self.server.close()

    def reopen(self) -> None:
        self.server = HostileServer(self._script, port=self.server.port)


def _environment(certificates: Certificates, proxy: _Proxy, fault: ConnectionFault) -> Mapping[str, str]:
    trust = {"REQUESTS_CA_BUNDLE": str(certificates.authority.bundle)} if fault.base_url in (HTTPS, NAMED_HTTPS) else {}
    if not fault.proxy:
        return trust
    return trust | dict.fromkeys(("http_proxy", "https_proxy"), f"http://{proxy.server.authority}")
