"""What is collected of a partner beyond the two endpoints, put together from its configuration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import inf

from exporter.api.client import PartnerClient
from exporter.api.model import Customers
from exporter.clock import Clock
from exporter.config import Config, CustomersConfig, PartnerConfig
from exporter.poll.accounts import CustomersExtra, Reach
from exporter.poll.customers import Wishes
from exporter.poll.extras import Extra, Extras
from exporter.poll.health import EndpointHealth
from exporter.poll.snapshot import ENDPOINTS, Dated, Health, Snapshot
from exporter.poll.turn import Turn
from exporter.poll.wallet import WalletExtra

_ENDPOINT = {"wallet": "me", "customers": "accounts"}
"""By extra: the endpoint it is read from, as the ``endpoint`` label names it."""


def endpoints_of(partner: PartnerConfig) -> tuple[str, ...]:
    """The endpoints that this partner's polls ask."""
    return (*ENDPOINTS, *(endpoint for extra, endpoint in _ENDPOINT.items() if extra in partner.collect))


def make_extras(
    partner: PartnerConfig,
    config: Config,
    *,
    client: PartnerClient,
    clock: Clock,
    previous: Snapshot | None,
    once: bool = False,
) -> Extras:
    """The extras of one partner. ``once`` reads all customers in one poll, because there will be no other."""
    return Extras(tuple(_extras(partner, config, client, clock, previous, once)))


def _extras(
    partner: PartnerConfig,
    config: Config,
    client: PartnerClient,
    clock: Clock,
    previous: Snapshot | None,
    once: bool,
) -> Iterator[Extra]:
    poll, health = config.poll, {} if previous is None else dict(previous.health)

    def turn(endpoint: str, every: float) -> Turn:
        known = EndpointHealth(partner.name, endpoint, health.get(endpoint, Health()))
        return Turn(health=known, interval=poll.interval, every=every, clock=clock)

    if "wallet" in partner.collect:
        yield WalletExtra(
            client=client,
            turn=turn("me", poll.slow_interval),
            stale_after=poll.stale_after,
            clock=clock,
            known=None if previous is None else previous.wallet,
        )
    if "customers" in partner.collect:
        wanted = partner.customers
        yield CustomersExtra(
            partner=partner.name,
            client=client,
            turn=turn("accounts", max(wanted.interval, poll.interval)),
            wishes=_wishes(wanted),
            reach=_reach(wanted.pages_limit, poll.interval, once=once),
            stale_after=poll.stale_after,
            clock=clock,
            known=None if previous is None else _still_wanted(previous.customers, wanted),
            dropped=0 if previous is None else previous.series_dropped or 0,
        )


def _wishes(wanted: CustomersConfig) -> Wishes:
    return Wishes(
        below_balance=wanted.below_balance,
        lowest=wanted.lowest,
        accounts=wanted.accounts,
        names=wanted.names,
        series_limit=wanted.series_limit,
    )


def _reach(pages: int, interval: float, *, once: bool) -> Reach:
    if once:
        return Reach(pages=pages, pages_a_poll=pages, patience=inf, rounds=1)
    return Reach(pages=pages, patience=interval / 2)


def _still_wanted(known: Dated[Customers] | None, wanted: CustomersConfig) -> Dated[Customers] | None:
    """Counts outlive a reload unless the limit is another; who is shown by name or id is asked for anew."""
    if known is None or known.value.limit != wanted.below_balance:
        return None
    return replace(known, value=replace(known.value, shown=()))
