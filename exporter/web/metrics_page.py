"""The exposition: text or OpenMetrics, gzip; Vobiz's values are encoded once a publish and not once a scrape.

The values of the snapshots, and the counts of requests for them, change when a poll lands or a value grows too old;
until then their bytes are kept for each format and encoding. The exporter's own metrics change all the time: they are
encoded at each scrape and appended, with gzip as a second member (RFC 1952 lets members follow each other, and
Prometheus reads them).
"""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Callable

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST

from exporter.metrics.collector import SnapshotCollector
from exporter.poll.snapshot import Snapshot, SnapshotStore
from exporter.web.http import Request, Response

GZIP_LEVEL = 6
"""The client library's fixed 9 costs twice the time for 1 to 4 % of the bytes."""

_END = b"# EOF\n"
# No name here needs escaping, so every scheme of Prometheus 3 means the same bytes, and two formats are enough. The
# library would write a client's own words into the content type, and escapes a family's name and its samples'
# differently; what it calls allow-utf-8 is the scheme that leaves names alone, in half the time.
_OPENMETRICS = choose_encoder("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8")[0], CONTENT_TYPE_LATEST
_TEXT = choose_encoder("")
# The version that is made, or none.
_TAKES_OPENMETRICS = re.compile(r"application/openmetrics-text\b(?![^,]*version=(?!1\.0\.0\b))", re.I)
_TAKES_GZIP = re.compile(r"\bgzip\b(?! *; *q=0(?:\.0*)? *(?:,|$))", re.I)


class MetricsPage:
    """Answers scrapes with a store's snapshots, what polls count, and the exporter's own metrics (`process`)."""

    def __init__(
        self,
        *,
        store: SnapshotStore,
        polls: CollectorRegistry,
        process: CollectorRegistry,
        elapsed: Callable[[], float],
    ) -> None:
        self._store = store
        self._process = process
        self._elapsed = elapsed
        self._values = CollectorRegistry(auto_describe=False)
        self._values.register(SnapshotCollector(store, elapsed))
        self._values.register(polls)
        self._building = threading.Lock()
        self._kept: dict[tuple[str, bool], bytes] = {}
        self._kept_of: tuple[Snapshot, ...] | None = None
        self._kept_until = 0.0

    def __call__(self, request: Request) -> Response:
        """Answer a GET."""
        encoder, content_type = _OPENMETRICS if _TAKES_OPENMETRICS.search(request.headers.get("accept", "")) else _TEXT
        compress = bool(_TAKES_GZIP.search(request.headers.get("accept-encoding", "")))
        headers = [("Content-Type", content_type), ("Vary", "Accept, Accept-Encoding"), ("Cache-Control", "no-store")]
        if compress:
            headers.append(("Content-Encoding", "gzip"))

        def encoded(registry: CollectorRegistry, *, last: bool) -> bytes:
            body = encoder(registry) if last else encoder(registry).removesuffix(_END)
            return gzip.compress(body, compresslevel=GZIP_LEVEL, mtime=0) if compress else body

        with self._building:
            self._forget_if_changed()
            key = (content_type, compress)
            if key not in self._kept:
                self._kept[key] = encoded(self._values, last=False)
            values = self._kept[key]
        return Response(headers=tuple(headers), body=(values, encoded(self._process, last=True)))

    def _forget_if_changed(self) -> None:
        snapshots, elapsed = self._store.current(), self._elapsed()
        if snapshots is not self._kept_of or elapsed > self._kept_until:
            self._kept.clear()
            self._kept_of = snapshots
            self._kept_until = min((one.valid_until(elapsed) for one in snapshots), default=float("inf"))
