"""A real HTTP server on loopback that answers as a test tells it to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qsl, urlsplit

Answer = tuple[int, bytes]
Script = Callable[[str, dict[str, str]], Answer]
"""From the endpoint's name (``dashboard``) and the query to status and body."""

DOCUMENTED_ACCOUNT = b"PA_TEST0001"
"""That of the documented answers; every partner is given them as its own."""

BASE_PATH = "/api/v1/partner/"


class ScriptedApi:
    """Serves a script while it is entered; ``url`` is the base URL. The script may be replaced at any time."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.tokens: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        """What to give as ``api.base_url``."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{BASE_PATH.rstrip('/')}"

    def __enter__(self) -> ScriptedApi:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # head and body in one packet: two would wait for each other for 40 ms
            wbufsize = 1 << 16
            timeout = 5

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                endpoint, query = parts.path.removeprefix(BASE_PATH), dict(parse_qsl(parts.query))
                api.asked.append((endpoint, query))
                api.tokens.append(self.headers["X-Auth-Token"])
                status, body = api.script(endpoint, query)
                body = body.replace(DOCUMENTED_ACCOUNT, self.headers["X-Auth-ID"].encode())
                # a client that is stopped leaves in the middle of an answer
                with suppress(OSError):
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler
