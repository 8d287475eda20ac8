"""A poller with its real client and books against the small Vobiz, on a clock that tests set."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from exporter.api.client import PartnerClient
from exporter.clock import Clock
from exporter.config import LiteralSecret
from exporter.ledger import AccountLedger, LedgerStore
from exporter.poll.poller import PartnerPoller
from exporter.poll.snapshot import Health, Snapshot
from tests.ledger.api_model import Books as ApiBooks
from tests.poll.vobiz import Vobiz, serving

TODAY = date(2026, 7, 1)
INTERVAL = 60.0
SLOW_INTERVAL = 300.0
STALE_AFTER = 180.0
PERIODS = ("today", "yesterday", "7d", "30d", "month")
WALL = 1_782_900_000.0


class Rig:
    """One partner being polled; each poll comes ``INTERVAL`` seconds after the one before unless told otherwise."""

    def __init__(
        self,
        vobiz: Vobiz,
        client: PartnerClient,
        *,
        periods: Sequence[str],
        store: LedgerStore | None,
        publishing: Callable[[], None],
    ) -> None:
        self.vobiz = vobiz
        self.client = client
        self.elapsed = 1000.0
        self.clock = Clock(wall=lambda: WALL + self.elapsed, elapsed=lambda: self.elapsed)
        self.account = AccountLedger(store, partner="acme", auth_id="PA_1")
        self.published: list[Snapshot] = []
        self._periods = periods
        self._publishing = publishing
        self.poller = self.new_poller()

    def new_poller(self, previous: Snapshot | None = None) -> PartnerPoller:
        """As at the start, or after a reload."""
        return PartnerPoller(
            partner="acme",
            client=self.client,
            account=self.account,
            publish=self._publish,
            periods=self._periods,
            interval=INTERVAL,
            slow_interval=SLOW_INTERVAL,
            stale_after=STALE_AFTER,
            clock=self.clock,
            previous=previous,
        )

    def _publish(self, snapshot: Snapshot) -> None:
        self._publishing()
        self.published.append(snapshot)

    @property
    def snapshot(self) -> Snapshot:
        """The last one that was published."""
        return self.published[-1]

    def poll(self, *, after: float = INTERVAL) -> list[str]:
        """Let time pass and poll; what was asked for."""
        self.elapsed += after
        asked = len(self.vobiz.asked)
        self.wait = self.poller.poll()
        return self.vobiz.asked[asked:]

    def health(self, endpoint: str) -> Health:
        return dict(self.snapshot.health)[endpoint]

    def total(self, lane: str, figure: str = "calls") -> Decimal:
        """The counter as published."""
        return next(total.value for total in self.snapshot.totals if (total.lane, total.figure) == (lane, figure))

    def shown(self) -> dict[str, int | None]:
        """The calls of each period that may be shown now."""
        return {period: dated.value.total.calls for period, dated in self.snapshot.periods if dated.fresh(self.elapsed)}


@contextmanager
def rig_of(
    books: ApiBooks,
    *,
    periods: Sequence[str] = PERIODS,
    store: LedgerStore | None = None,
    publishing: Callable[[], None] = lambda: None,
) -> Iterator[Rig]:
    """A rig against these books, everything closed at the end of the block. ``publishing`` is called just before."""
    vobiz = Vobiz(books)
    with serving(vobiz) as url:
        client = PartnerClient(
            base_url=url,
            auth_id=LiteralSecret("PA_1"),
            auth_token=LiteralSecret("token"),
            timeout=20.0,
            max_body=1_000_000,
            proxies_from_environment=False,
        )
        try:
            yield Rig(vobiz, client, periods=periods, store=store, publishing=publishing)
        finally:
            client.close()
