"""The daemon's pages, put together."""

from __future__ import annotations

from collections.abc import Callable

from exporter.poll.snapshot import SnapshotStore
from exporter.web.app import Handler, application
from exporter.web.http import Request, Response, text

_READY = "ready\n"


def routes(
    *,
    telemetry_path: str,
    metrics: Handler,
    status: Handler,
    status_api: Handler,
    store: SnapshotStore,
    alive: Callable[[], bool],
    reload: Callable[[], str | None] | None,
) -> Handler:
    """The app. ``reload`` returns why it failed, or None; it is None where ``--web.enable-lifecycle`` is not set."""

    def healthy(_: Request) -> Response:
        if alive():
            return text(200, "the poll loop is alive\n")
        return text(503, "the poll loop has stopped: restart the exporter\n")

    def ready(_: Request) -> Response:
        snapshots = store.current()
        waiting = [snapshot.partner for snapshot in snapshots if snapshot.polls == 0]
        if waiting or not snapshots:
            return text(503, f"not ready: {len(waiting)} of {len(snapshots)} partners have not been polled yet\n")
        return text(200, _READY)

    def reloaded(_: Request) -> Response:
        if reload is None:
            return text(403, "reload over HTTP is off: start with --web.enable-lifecycle, or send SIGHUP\n")
        problem = reload()
        return text(200, "reloaded\n") if problem is None else text(500, problem + "\n")

    return application(
        {
            telemetry_path: metrics,
            "/": status,
            "/api/v1/status": status_api,
            "/-/healthy": healthy,
            "/-/ready": ready,
        },
        actions={"/-/reload": reloaded},
    )
