"""A poller with its real client and books against the small Vobiz, on a clock that tests set."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal

from exporter.api.client import PartnerClient
from exporter.clock import Clock
from exporter.config.load import load_config
from exporter.config.model import Config
from exporter.config.secrets import AuthId, AuthToken
from exporter.ledger.store import LedgerStore
from exporter.poll.counting import Ledgers
from exporter.poll.endpoint import DAEMON, Budget
from exporter.poll.poller import PartnerPoller
from exporter.poll.snapshot import Health, Snapshot
from tests.ledger.api_model import Books as ApiBooks
from tests.poll.vobiz import Vobiz
from tests.rig.vobiz import ScriptedVobiz

TODAY = date(2026, 7, 1)
INTERVAL = 60.0
SLOW_INTERVAL = 300.0
STALE_AFTER = 180.0
PERIODS = ("today", "yesterday", "7d", "30d", "month")
WALL = 1_782_900_000.0


def config_of(url: str, *, periods: Sequence[str] = PERIODS) -> Config:
    """A configuration of one partner, ``acme``."""
    config = load_config(None, environ={"VOBIZ_AUTH_ID": "PA_TEST0001", "VOBIZ_AUTH_TOKEN": "t0ken"})
    return replace(
        config,
        partners=(replace(config.partners[0], name="acme"),),
        api=replace(config.api, base_url=url),
        poll=replace(
            config.poll,
            interval=INTERVAL,
            slow_interval=SLOW_INTERVAL,
            stale_after=STALE_AFTER,
            periods=tuple(periods),
        ),
    )


class Rig:
    """One partner being polled; each poll comes when the previous one says, unless a test says otherwise."""

    def __init__(
        self,
        vobiz: Vobiz,
        client: PartnerClient,
        vobiz_url: str,
        *,
        periods: Sequence[str],
        store: LedgerStore | None,
        publishing: Callable[[], None],
    ) -> None:
        self.vobiz = vobiz
        self.client = client
        self.vobiz_url = vobiz_url
        self.elapsed = 1000.0
        self.clock = Clock(wall=lambda: WALL + self.elapsed, elapsed=lambda: self.elapsed)
        self.ledgers = Ledgers(store)
        self.published: list[Snapshot] = []
        self._periods = periods
        self.publishing = publishing
        self.poller = self.new_poller()

    def new_poller(self, previous: PartnerPoller | None = None, *, budget: Budget = DAEMON) -> PartnerPoller:
        """As at the start, or after a reload."""
        config = config_of(self.vobiz_url, periods=self._periods)
        return PartnerPoller(
            config.partners[0],
            config,
            client=self.client,
            ledgers=self.ledgers,
            publish=self._publish,
            clock=self.clock,
            previous=previous,
            budget=budget,
        )

    def _publish(self, snapshot: Snapshot) -> None:
        self.publishing()
        self.published.append(snapshot)

    @property
    def snapshot(self) -> Snapshot:
        """The last one that was published."""
        return self.published[-1]

    def poll(self, *, after: float | None = None) -> list[str]:
        """Let time pass and poll; what was asked for."""
        self.elapsed += self.wait if after is None else after
        asked = len(self.vobiz.asked)
        self.poller.poll()
        return self.vobiz.asked[asked:]

    @property
    def wait(self) -> float:
        """Seconds from the last poll that asked to the next."""
        if not self.published or self.snapshot.next_poll is None:
            return INTERVAL
        return self.snapshot.next_poll.elapsed - self.elapsed

    def health(self, endpoint: str) -> Health:
        return self.snapshot.health[endpoint]

    def total(self, lane: str, figure: str = "calls") -> Decimal:
        """The counter as published."""
        return self.snapshot.totals[lane, figure]

    def shown(self) -> dict[str, int | None]:
        """The calls of each period that may be shown now."""
        return {
            period: dated.value.total.calls
            for period, dated in self.snapshot.periods.items()
            if dated.fresh(self.elapsed)
        }


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
    with ScriptedVobiz(vobiz.script) as server:
        client = PartnerClient(
            base_url=server.url,
            auth_id=AuthId("PA_TEST0001"),
            auth_token=AuthToken("token"),
            timeout=20.0,
            max_body=1_000_000,
            proxies_from_environment=False,
        )
        try:
            yield Rig(vobiz, client, server.url, periods=periods, store=store, publishing=publishing)
        finally:
            client.cancel()
            vobiz.open.set()
