"""The metrics page: text or OpenMetrics by negotiation, gzip, prepared once per change and not once per scrape.

Vobiz's figures, and the counts of requests for them, change when a poll lands or a figure grows too old; until then
their bytes are kept for each format and encoding. What tells of the process changes all the time and is rendered at
each scrape, as the second part of the page (with gzip, as a second member: RFC 1952 lets members follow each other, and
Prometheus reads them).
"""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from exporter.metrics import Lines, SnapshotCollector
from exporter.poll.snapshot import Snapshot, SnapshotStore
from exporter.web.http import Request, Response
from exporter.web.negotiation import Encoder, accepts_gzip, metrics_format

GZIP_LEVEL = 6
"""The client library's fixed 9 costs twice the time for 1 to 4 % of the bytes."""

MOST_KEPT = 8
"""Formats and encodings kept: a client can ask for more, but none asks for more than two or three."""

_OPENMETRICS_END = b"# EOF\n"
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    snapshots: tuple[Snapshot, ...]
    valid_until: float
    body: bytes


class CollectorOfLines(Protocol):
    """What the part of the page that is kept is made of."""

    def collect(self) -> Iterable[Family]:
        """All families as of this moment."""

    def describe(self) -> Iterable[Family]:
        """The families that there may be, empty, in their order."""

    def lines(self) -> Lines:
        """All samples as of this moment, as lines. For one thread at a time."""


class MetricsPage:
    """Renders the page of a store, of what polls count, and of what changes at any time (``process``)."""

    def __init__(
        self,
        *,
        store: SnapshotStore,
        polls: CollectorOfLines,
        process: CollectorRegistry,
        elapsed: Callable[[], float],
    ) -> None:
        self._store = store
        self._process = process
        self._elapsed = elapsed
        self._figures = SnapshotCollector(store, elapsed)
        self._polls = polls
        self._building = threading.Lock()
        self._prepared: dict[tuple[str, bool], _Prepared] = {}

    def __call__(self, request: Request) -> Response:
        """Answer a GET of the page; ``name[]`` in the query restricts it to those samples."""
        encoder, content_type = metrics_format(request.headers.get("accept", ""))
        compress = accepts_gzip(request.headers.get("accept-encoding", ""))
        names = parse_qs(request.query).get("name[]")
        if names:
            body = encoder(self._restricted(names))
            parts: tuple[bytes, ...] = (_gzipped(body) if compress else body,)
        else:
            process = encoder(self._process)
            parts = (self._kept(encoder, content_type, compress), _gzipped(process) if compress else process)
        headers = [("Content-Type", content_type), ("Vary", "Accept, Accept-Encoding"), ("Cache-Control", "no-store")]
        if compress:
            headers.append(("Content-Encoding", "gzip"))
        return Response(status=200, headers=tuple(headers), body=parts)

    def _kept(self, encoder: Encoder, content_type: str, compress: bool) -> bytes:
        key = (content_type, compress)
        with self._building:
            elapsed = self._elapsed()
            kept = self._prepared.get(key)
            snapshots = self._store.current()
            if kept is None or kept.snapshots is not snapshots or elapsed > kept.valid_until:
                kept = _Prepared(
                    snapshots=snapshots,
                    valid_until=min((one.valid_until(elapsed) for one in snapshots), default=float("inf")),
                    body=_rendered((self._figures, self._polls), encoder, compress),
                )
                self._keep(key, kept)
            return kept.body

    def _keep(self, key: tuple[str, bool], prepared: _Prepared) -> None:
        self._prepared.pop(key, None)
        if len(self._prepared) >= MOST_KEPT:
            del self._prepared[next(iter(self._prepared))]
        self._prepared[key] = prepared

    def _restricted(self, names: list[str]) -> CollectorRegistry:
        registries = (_chained(self._figures), _chained(self._polls), self._process)
        return _chained(*(registry.restricted_registry(names) for registry in registries))


class _Single(CollectorRegistry):
    """A registry of one family, for an encoder that takes registries."""

    def __init__(self, family: Family) -> None:
        super().__init__(auto_describe=False)
        self._family = family

    def collect(self) -> Iterator[Family]:
        yield self._family


def _rendered(
    collectors: Sequence[CollectorOfLines], encoder: Callable[[CollectorRegistry], bytes], compress: bool
) -> bytes:
    """Their part of the page, without an end. Packed family by family: of a thousand partners it has 20 MB."""
    compressor = zlib.compressobj(GZIP_LEVEL, wbits=_GZIP)
    parts = []
    for collector in collectors:
        lines = collector.lines()
        for family in collector.describe():
            if body := lines.take(family.name):
                part = encoder(_Single(family)).removesuffix(_OPENMETRICS_END) + body
                parts.append(compressor.compress(part) if compress else part)
    if compress:
        parts.append(compressor.flush())
    return b"".join(parts)


def _chained(*collectors: CollectorOfLines | Collector) -> CollectorRegistry:
    """One registry of several; registries are collectors, too."""
    chain = CollectorRegistry(auto_describe=False)
    for collector in collectors:
        chain.register(collector)
    return chain


def _gzipped(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=GZIP_LEVEL, mtime=0)
