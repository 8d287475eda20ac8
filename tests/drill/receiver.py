"""Where Alertmanager's notifications arrive: pages as PagerDuty takes them, warnings as Slack does, signs of life."""

from __future__ import annotations

import json
import queue
import secrets
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.drill.events import Event, EventError, read_event

PAGES, WARNINGS, SIGNS_OF_LIFE = "/v2/enqueue", "/slack", "/dead-mans-switch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """What arrived when. Exactly one of: ``page``; ``refused``, why PagerDuty would not have taken it; ``warning``,
    its title; none of them, a sign of life."""

    at: float
    page: Event | None = None
    refused: str | None = None
    warning: str | None = None


class Receiver:
    """Listens on loopback from ``with`` on; each notification goes to ``news``."""

    def __init__(self) -> None:
        self.news: queue.SimpleQueue[Notification] = queue.SimpleQueue()
        self.routing_key = secrets.token_hex(16)
        handler = type("_Handler", (_Handler,), {"receiver": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="receiver", daemon=True)

    @property
    def url(self) -> str:
        """Where it listens, without a path."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Receiver:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def take(self, path: str, body: bytes) -> tuple[int, object]:
        """Status and body of the answer to one POST."""
        at = time.monotonic()
        if path == SIGNS_OF_LIFE:
            self.news.put(Notification(at=at))
            return 200, {}
        if path == WARNINGS:
            self.news.put(Notification(at=at, warning=json.loads(body)["attachments"][0]["title"]))
            return 200, "ok"
        if path != PAGES:
            return 404, {}
        try:
            event = read_event(body, routing_key=self.routing_key)
        except EventError as error:
            self.news.put(Notification(at=at, refused=str(error)))
            return 400, {"status": "invalid event", "message": "Event object is invalid", "errors": error.problems}
        self.news.put(Notification(at=at, page=event))
        return 202, {"status": "success", "message": "Event processed", "dedup_key": event.dedup_key}


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver
    protocol_version = "HTTP/1.1"
    timeout = 60

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        status, answer = self.receiver.take(self.path, body)
        data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
