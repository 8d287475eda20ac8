"""A demo server under a clock that tests move, and a client that asks it over a real socket."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

from exporter.simulator import DemoServer
from tests.rig.waiting import PATIENCE

NOON = datetime(2026, 7, 1, 12, tzinfo=timezone.utc).timestamp()


@dataclass
class FakeClock:
    now: float = NOON

    def __call__(self) -> float:
        return self.now

    def pass_time(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Answer:
    status: int
    text: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class World:
    server: DemoServer
    clock: FakeClock
    patience: float = PATIENCE
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        auth_id, token = self.server.partners[0]
        self.headers = {"X-Auth-ID": auth_id, "X-Auth-Token": token, "Accept": "application/json"}

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(urlsplit(self.server.url).netloc, timeout=self.patience)

    def send(self, method: str, path: str, *, body: object = None, headers: dict[str, str] | None = None) -> Answer:
        connection = self.connect()
        payload = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        try:
            connection.request(method, path, payload, self.headers if headers is None else headers)
            reply = connection.getresponse()
            return Answer(reply.status, reply.read(), {name.lower(): value for name, value in reply.getheaders()})
        finally:
            connection.close()

    def ask(self, path: str, **keywords: Any) -> Answer:
        return self.send("GET", "/api/v1/partner" + path, **keywords)

    def day(self, day: str) -> Any:
        return self.ask(f"/analytics?from_date={day}&to_date={day}").json

    def today(self) -> Any:
        return self.day(self.ask("/dashboard").json["period"]["to"])

    def truth(self) -> Any:
        return self.send("GET", "/_demo/truth").json["partners"]["PA_DEMO0001"]

    def incident(self, **words: object) -> Any:
        answer = self.send("POST", "/_demo/incident", body=words)
        assert answer.status == 201, answer.text
        return answer.json
