"""Start, run until told to stop, reload in between, stop."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from exporter import __version__
from exporter.api.errors import StartError
from exporter.clock import Clock
from exporter.config import Config, ConfigError, require_state_directory
from exporter.daemon.fleet import Fleet
from exporter.daemon.open_files import allow_open_files
from exporter.daemon.routes import routes
from exporter.files import WatchedFile
from exporter.metrics.telemetry import Telemetry
from exporter.poll.snapshot import SnapshotStore
from exporter.schedule import Schedule
from exporter.state import StateError, StateFile
from exporter.web import WebServer, WebServerError
from exporter.web.metrics_page import MetricsPage
from exporter.web.status import status_api, status_page

log = logging.getLogger(__name__)

TICK = 1.0
"""Seconds between looks at the clock and at requests to reload."""

STOP_WITHIN = 1.5
"""Seconds that a reload and polls under way are given to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebOptions:
    """The ``--web.*`` flags."""

    listen_addresses: Sequence[str]
    telemetry_path: str
    config_file: Path | None
    enable_lifecycle: bool


class Daemon:
    """One running exporter.

    ``load`` reads the configuration, at the start and at each reload, and raises ConfigError. A change of the file
    ``watch`` asks for a reload.
    """

    def __init__(
        self,
        *,
        load: Callable[[], Config],
        web: WebOptions,
        watch: Path | None = None,
        clock: Clock | None = None,
        revision: str = "unknown",
        proxies_from_environment: bool = True,
    ) -> None:
        self._load = load
        self._web_options = web
        self._watched = None if watch is None else WatchedFile(watch)
        self._clock = clock or Clock()
        self._store = SnapshotStore()
        self._telemetry = Telemetry(revision=revision)
        self._schedule = Schedule(clock=self._clock, missed=self._telemetry.poll_missed, late=self._telemetry.poll_late)
        self._proxies_from_environment = proxies_from_environment
        # Plain flags and a SimpleQueue, whose put() may interrupt its own get(): a signal handler that waits for a lock
        # which the interrupted code holds, as that of an Event, waits for ever.
        self._stop_wanted = self._reload_wanted = False
        self._wake: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._reloading = threading.Lock()
        self._config: Config | None = None
        self._state: StateFile | None = None
        self._fleet: Fleet | None = None
        self._server: WebServer | None = None

    @property
    def url(self) -> str:
        """Where the pages are, once started."""
        return "" if self._server is None else self._server.url

    def start(self) -> None:
        """Serve and poll. Raises ConfigError or StartError; then nothing is left running."""
        config = self._load()
        require_state_directory(config)
        allow_open_files(len(config.partners))
        try:
            self._state = self._open_state(config)
            self._server = self._start_server()
        except (StateError, WebServerError) as error:
            self._close_state()
            raise StartError(str(error)) from None
        self._telemetry.reloaded(at=self._clock.wall())
        self._schedule.start()
        self._fleet = Fleet(
            store=self._store,
            telemetry=self._telemetry,
            schedule=self._schedule,
            state=self._state,
            clock=self._clock,
            proxies_from_environment=self._proxies_from_environment,
        )
        self._fleet.apply(config)
        self._config = config
        log.info(
            "started",
            extra={
                "version": __version__,
                "url": self._server.url + self._web_options.telemetry_path,
                "partners": len(config.partners),
                "interval_seconds": config.poll.interval,
                "state": config.state.path or "none, counters start at 0 on every start",
            },
        )

    def run(self) -> bool:
        """Stay until :meth:`stop` is called; whether everything ended in time."""
        while not self._stop_wanted:
            with contextlib.suppress(queue.Empty):
                self._wake.get(timeout=TICK)
            self._schedule.heed_clock()
            if self._fleet is not None:
                self._fleet.heed_credentials()
            if self._reload_wanted or (self._watched is not None and self._watched.changed()):
                self._reload_wanted = False
                self.reload()
        return self._shut_down()

    def stop(self) -> None:
        """Ask :meth:`run` to end; safe in a signal handler."""
        self._stop_wanted = True
        self._wake.put(None)

    def want_reload(self) -> None:
        """Ask :meth:`run` to reload; safe in a signal handler."""
        self._reload_wanted = True
        self._wake.put(None)

    def reload(self) -> str | None:
        """Load the configuration again. Returns why it could not be used; then the one before stays."""
        with self._reloading:
            if self._stop_wanted:
                return "the exporter is stopping"
            try:
                config = self._load()
                self._check_reloadable(config)
                if self._server is not None:
                    self._server.reload()
            except (ConfigError, WebServerError, StartError) as error:
                self._telemetry.reload_failed()
                log.error("reload failed, the configuration before stays in use", extra={"problem": str(error)})
                return str(error)
            allow_open_files(len(config.partners))
            if self._fleet is not None:
                self._fleet.apply(config)
            self._config = config
            self._telemetry.reloaded(at=self._clock.wall())
            log.info("reloaded", extra={"partners": len(config.partners)})
            return None

    def _check_reloadable(self, config: Config) -> None:
        if self._config is not None and config.state.path != self._config.state.path:
            raise StartError("state.path cannot change while the exporter runs; restart it")

    def _open_state(self, config: Config) -> StateFile | None:
        if config.state.path is None:
            return None
        state = StateFile(config.state.path)
        state.open(configured=[partner.name for partner in config.partners], now=self._clock.wall())
        return state

    def _start_server(self) -> WebServer:
        options = self._web_options
        metrics = MetricsPage(
            store=self._store,
            polls=self._telemetry.polls,
            process=self._telemetry.process,
            elapsed=self._clock.elapsed,
        )
        server = WebServer(
            routes(
                telemetry_path=options.telemetry_path,
                metrics=metrics,
                status=status_page(store=self._store, clock=self._clock, telemetry_path=options.telemetry_path),
                status_api=status_api(store=self._store, clock=self._clock),
                store=self._store,
                alive=self._schedule.alive,
                reload=self.reload if options.enable_lifecycle else None,
            ),
            listen_addresses=options.listen_addresses,
            web_config_file=options.config_file,
        )
        server.start()
        return server

    def _shut_down(self) -> bool:
        deadline = self._clock.elapsed() + STOP_WITHIN
        # A reload under way changes the fleet; a later one will see that it comes too late.
        in_time = self._reloading.acquire(timeout=STOP_WITHIN)
        if in_time:
            self._reloading.release()
        self._schedule.stop()
        if in_time and self._fleet is not None:
            in_time = self._fleet.stop(deadline - self._clock.elapsed())
        if self._server is not None:
            self._server.close()
        if in_time:
            self._close_state()
        log.info("stopped")
        return in_time

    def _close_state(self) -> None:
        if self._state is not None:
            self._state.close()
