"""Pages by HTTP on loopback, never through a proxy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from tests.rig.waiting import PATIENCE

_OPENER = build_opener(ProxyHandler({}))


def fetch(
    url: str,
    *,
    method: str = "GET",
    data: object = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = PATIENCE,
) -> bytes:
    """The body of an answer; ``data`` is sent as JSON. Raises OSError, which HTTPError is."""
    body = None if data is None else json.dumps(data).encode()
    request = Request(url, data=body, method=method, headers=dict(headers or {}))
    try:
        with _OPENER.open(request, timeout=timeout) as response:
            content: bytes = response.read()
            return content
    except HTTPException as error:  # the answer was cut short
        raise ConnectionError(str(error)) from error


def fetch_json(url: str, *, method: str = "GET", data: object = None) -> Any:
    """The JSON of an answer. Raises OSError."""
    return json.loads(fetch(url, method=method, data=data))
