"""The long-running program: the one place where configuration, partners, schedule and web server are put together."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

from exporter import __version__
from exporter.clock import Clock
from exporter.config.errors import ConfigError, StartError
from exporter.config.model import Config
from exporter.daemon.partners import Environment, Partners
from exporter.files import WatchedFile
from exporter.ledger.database import in_use
from exporter.ledger.store import LedgerStore, StoreError
from exporter.metrics.telemetry import Telemetry
from exporter.poll.counting import Ledgers
from exporter.schedule import Schedule
from exporter.web.http import Handler, Request, Response, WebServerError, application, text
from exporter.web.metrics_page import MetricsPage
from exporter.web.server import WebServer
from exporter.web.status.api import status_api
from exporter.web.status.page import status_page

log = logging.getLogger(__name__)

STOP_WITHIN = 1.5
"""Seconds that a reload and polls under way are given to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebOptions:
    """The ``--web.*`` flags."""

    listen_addresses: Sequence[str]
    telemetry_path: str
    config_file: Path | None
    enable_lifecycle: bool


def open_state(config: Config, clock: Clock) -> LedgerStore | None:
    """The state as configured, None if it is not kept. Raises StartError."""
    if config.state.path is None:
        return None
    configured = [partner.auth_id.current() for partner in config.partners]
    try:
        return LedgerStore(config.state.path, configured=configured, now=clock.wall())
    except StoreError as error:
        raise StartError(str(error)) from None


def state_in_use(config: Config) -> bool:
    """Whether another process has the configured state open."""
    return config.state.path is not None and in_use(config.state.path)


def routes(
    environment: Environment,
    *,
    telemetry_path: str,
    alive: Callable[[], bool],
    reload: Callable[[], str | None],
    accept_usual: Callable[[str, str], bool],
    lifecycle: bool,
) -> Handler:
    """All pages. ``reload`` returns why it failed, or None; ``accept_usual`` whether it knows the partner and the lane.
    Both are refused without ``lifecycle``.
    """
    store, clock, telemetry = environment.store, environment.clock, environment.telemetry

    def healthy(_: Request) -> Response:
        good, bad = "the poll loop is alive\n", "the poll loop has stopped: restart the exporter\n"
        return text(200, good) if alive() else text(503, bad)

    def ready(_: Request) -> Response:
        snapshots = store.current()
        waiting = sum(snapshot.polls == 0 for snapshot in snapshots)
        if waiting or not snapshots:
            return text(503, f"not ready: {waiting} of {len(snapshots)} partners have not been polled yet\n")
        return text(200, "ready\n")

    def reloaded(_: Request) -> Response:
        problem = reload()
        return text(200, "reloaded\n") if problem is None else text(500, problem + "\n")

    def accepted(request: Request) -> Response:
        query = dict(parse_qsl(request.query))
        lane = query.get("direction") or query.get("product")
        if "partner" not in query or lane is None:
            return text(400, "give ?partner=NAME, and &direction= or &product=\n")
        if not accept_usual(query["partner"], lane):
            return text(404, "no such partner, or nothing is usual of that direction or product yet\n")
        return text(200, "the present answer rate is usual from now on\n")

    pages: dict[str, Handler] = {
        telemetry_path: MetricsPage(
            store=store, polls=telemetry.polls, process=telemetry.process, elapsed=clock.elapsed
        ),
        "/": status_page(store=store, clock=clock, telemetry_path=telemetry_path),
        "/api/v1/status": status_api(store=store, clock=clock),
        "/-/healthy": healthy,
        "/-/ready": ready,
    }
    actions: dict[str, Handler] = {"/-/reload": reloaded, "/-/accept-usual": accepted}
    if not lifecycle:
        off = "off: start with --web.enable-lifecycle; a reload can also be asked for with SIGHUP\n"
        actions = dict.fromkeys(actions, lambda _: text(403, off))
    return application(pages, actions=actions, elapsed=clock.elapsed)


class Daemon:
    """One running exporter.

    ``load`` reads the configuration, at the start (``here=True``) and at each reload, and raises ConfigError. A change
    of the file ``watch`` asks for a reload.
    """

    def __init__(
        self,
        *,
        load: Callable[..., Config],
        web: WebOptions,
        watch: Path | None = None,
        revision: str = "unknown",
    ) -> None:
        self._load = load
        self._web_options = web
        self._watched = None if watch is None else WatchedFile(watch)
        telemetry = Telemetry(revision=revision)
        ledgers = Ledgers(on_failure=telemetry.state_write_failed)
        self._environment = Environment(telemetry=telemetry, ledgers=ledgers)
        self._clock = self._environment.clock
        self._schedule = Schedule(clock=self._clock, missed=telemetry.poll_missed, late=telemetry.poll_late)
        self._stopping = False
        self._reloading = threading.Lock()
        self._config: Config | None = None
        self._state: LedgerStore | None = None
        self._partners = Partners(self._environment, self._schedule)
        self._server: WebServer | None = None

    def start(self) -> str:
        """Serve and poll; returns the URL of the pages.

        Raises ConfigError or StartError; then nothing is left running.
        """
        with self._reloading:  # the server may be asked to reload before the partners are there
            config = self._load(here=True)
            try:
                self._state = self._environment.ledgers.store = open_state(config, self._clock)
                self._server = self._start_server()
            except (StartError, WebServerError) as error:
                if self._state is not None:
                    self._state.close()
                raise StartError(str(error)) from None
            self._schedule.start()
            self._apply(config)
        extra = {
            "version": __version__,
            "url": self._server.url + self._web_options.telemetry_path,
            "partners": len(config.partners),
            "interval_seconds": config.poll.interval,
            "state": config.state.path or "none, counters start at 0 on every start",
        }
        log.info("started", extra=extra)
        return self._server.url

    def _apply(self, config: Config) -> None:
        self._partners.apply(config)
        self._config = config
        self._environment.telemetry.reloaded(at=self._clock.wall())

    def tick(self) -> None:
        """Look at the clock, at credentials and a configuration that may have changed; to be called every second."""
        self._schedule.check_clock()
        self._partners.check_credentials()
        if self._watched is not None and self._watched.changed():
            self.reload()

    def reload(self) -> str | None:
        """Load the configuration again. Returns why it could not be used; then the previous one stays."""
        with self._reloading:
            if self._stopping:
                return "the exporter is stopping"
            try:
                config = self._load()  # not here=True: the state is open, and its disk may be away for a while
                if self._config is not None and config.state.path != self._config.state.path:
                    raise StartError("state.path cannot change while the exporter runs; restart it")
                if self._server is not None:
                    self._server.security.reload()
            except (ConfigError, WebServerError, StartError) as error:
                self._environment.telemetry.reload_failed()
                log.error("reload failed, the previous configuration stays in use", extra={"problem": str(error)})
                return str(error)
            self._apply(config)
            log.info("reloaded", extra={"partners": len(config.partners)})
            return None

    def stop(self) -> bool:
        """End everything; whether it ended in time."""
        self._stopping = True
        deadline = self._clock.elapsed() + STOP_WITHIN
        # A reload under way changes the partners; a later one will see that it comes too late.
        in_time = self._reloading.acquire(timeout=STOP_WITHIN)
        self._schedule.stop()
        if in_time:
            self._reloading.release()
            in_time = self._partners.stop(deadline - self._clock.elapsed())
        if self._server is not None:
            self._server.close()
        if in_time and self._state is not None:
            self._state.close()
        log.info("stopped")
        return in_time

    def _start_server(self) -> WebServer:
        web = self._web_options
        return WebServer(
            routes(
                self._environment,
                telemetry_path=web.telemetry_path,
                alive=self._schedule.alive,
                reload=self.reload,
                accept_usual=self._partners.accept_usual,
                lifecycle=web.enable_lifecycle,
            ),
            listen_addresses=web.listen_addresses,
            web_config_file=web.config_file,
        )
