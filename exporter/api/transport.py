"""One GET: through proxies and trusted authorities as ``requests`` users know them, and nothing else of what it does.

There is no ``requests.Session`` here, on purpose: it is the session that reads ``.netrc``, keeps cookies and follows
redirects, and each of the three could carry a credential to where it does not belong.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing
from threading import Lock

import requests
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError

from exporter.api.adapter import Adapter
from exporter.api.body import read_object
from exporter.api.errors import ApiError, Cancelled, TlsFailed
from exporter.api.failures import came_to_nothing, explain, too_late
from exporter.api.flight import Ending, Flight, Resolve
from exporter.api.statuses import failure_of
from exporter.api.trust import trusted_authorities


class Transport:
    """GET requests to one host, one at a time, each with a deadline; :meth:`cancel` may come from any thread."""

    def __init__(
        self,
        *,
        timeout: float,
        max_body: int,
        proxies_from_environment: bool,
        resolve: Resolve,
        monotonic: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self._timeout = timeout
        self._max_body = max_body
        self._proxies_from_environment = proxies_from_environment
        self._resolve = resolve
        self._monotonic = monotonic
        self._wall = wall
        self._lock = Lock()
        self._adapter: Adapter | None = None
        self._flight: Flight | None = None
        self.stopped = False

    def get(self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]) -> bytes:
        """The body of a 2xx answer, unpacked, an object as far as its first character tells; else raises ApiError."""
        body = b""
        failure: ApiError | Cancelled | None = None
        with self._take_off() as flight:
            try:
                body = self._exchange(flight, requests.Request("GET", url, headers, params=params).prepare())
            except ApiError as error:
                failure = error
            except (HTTPError, OSError, ValueError) as error:
                failure = explain(error, timeout=self._timeout)
            failure = self._ended(flight.ending) or failure
        with self._lock:
            self._flight = None  # its timer and locks would stay until the next request
        # Raised out here so that nothing hangs on to the libraries' exceptions: they hold the headers that were sent.
        if failure is not None:
            raise failure.with_traceback(None)
        return body

    def cancel(self) -> None:
        """End the request in flight, and refuse all later ones."""
        with self._lock:
            self.stopped = True
            if self._flight is not None:
                self._flight.end(Ending.STOPPED)

    def close(self) -> None:
        """Drop the connection that is kept."""
        with self._lock:
            if self._adapter is not None:
                self._adapter.close()

    def _take_off(self) -> Flight:
        flight = Flight(seconds=self._timeout, resolve=self._resolve, monotonic=self._monotonic)
        with self._lock:
            self._flight = flight
            if self.stopped:
                flight.end(Ending.STOPPED)
        return flight

    def _ended(self, ending: Ending | None) -> ApiError | Cancelled | None:
        if ending is Ending.STOPPED:
            return Cancelled()
        if ending is Ending.TIMEOUT:
            return too_late(self._timeout)
        return None

    def _exchange(self, flight: Flight, request: requests.PreparedRequest) -> bytes:
        with closing(self._send(flight, request)) as response:
            failure = failure_of(response.status_code, response.headers, now=self._wall())
            if failure is not None:
                raise failure
            return read_object(response.raw, limit=self._max_body)

    def _send(self, flight: Flight, request: requests.PreparedRequest) -> requests.Response:
        adapter = self._trusting_adapter()
        proxies = get_environ_proxies(request.url or "") if self._proxies_from_environment else {}
        try:
            return adapter.send(request, stream=True, timeout=flight.remaining(), proxies=proxies)
        except requests.ConnectionError as error:
            # The server may close a connection that it kept at any moment, also just as the request goes out.
            if not (flight.reused and came_to_nothing(error)):
                raise
        return adapter.send(request, stream=True, timeout=flight.remaining(), proxies=proxies)

    def _trusting_adapter(self) -> Adapter:
        """The adapter in use, made anew when the authorities to be trusted have changed."""
        try:
            trust = trusted_authorities(os.environ)
        except OSError as error:
            problem = "it holds no certificate" if isinstance(error, ssl.SSLError) else os.strerror(error.errno or 0)
            failure = TlsFailed(f"the CA bundle cannot be read: {problem}")
        else:
            with self._lock:
                if self._adapter is None or self._adapter.trust is not trust:
                    if self._adapter is not None:
                        self._adapter.close()
                    self._adapter = Adapter(trust)
                return self._adapter
        raise failure
