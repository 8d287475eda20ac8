"""``vobiz-exporter check``: is the configuration right, and do the credentials work?"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timezone
from functools import partial
from typing import Any, TypeVar

from exporter.api.client import PartnerClient
from exporter.api.errors import ApiError
from exporter.api.model import Page, Report, Wallet
from exporter.config.errors import ConfigError, StartError
from exporter.config.load import load_config
from exporter.config.model import Config, PartnerConfig
from exporter.daemon.daemon import state_in_use
from exporter.daemon.partners import make_client
from exporter.poll.analytics import TODAY, WINDOWS
from exporter.web.http import WebServerError
from exporter.web.security import Security
from exporter.web.server import parse_listen_address

Answer = TypeVar("Answer", bound=Report | Wallet | Page[Any])


def main(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Say what is configured; 0 if it is right. Raises StartError with all that is wrong."""
    problems: list[str] = []
    warnings: list[str] = []
    with _noted(problems):
        config = load_config(args.config_file, environ=environ, here=True)
    # What would keep the web server from starting, as far as can be known without listening.
    for address in args.web_listen_address or ():
        with _noted(problems):
            parse_listen_address(address)
    with _noted(problems):
        warnings = Security(args.web_config_file).warnings()
    if problems:
        raise StartError("\n".join(problems))
    source = "the environment" if config.path is None else config.path
    names = [partner.name for partner in config.partners]
    print(f"{source}: good; {len(names)} {'partner' if len(names) == 1 else 'partners'} ({', '.join(names)})")
    if not names:
        warnings.append(f"poll.shard {config.poll.shard}: no partner is in this share, and none is polled")
    if state_in_use(config):
        path = config.state.path
        warnings.append(f"state.path {path} is in use: by the exporter that runs, or give it another path")
    for warning in warnings:
        print(f"{source}: {warning}")
    if not args.live:
        return 0
    worked = [_check_live(partner, config) for partner in config.partners]
    return 0 if all(worked) else 1


@contextmanager
def _noted(problems: list[str]) -> Iterator[None]:
    """What is wrong is noted, to be reported with the rest."""
    try:
        yield
    except (ConfigError, WebServerError) as error:
        problems.append(str(error))


def _check_live(partner: PartnerConfig, config: Config) -> bool:
    """Whether all that is configured answers. An extra that is refused says nothing of the others."""
    client = make_client(partner, config)
    dashboard = _asked(partner.name, "/dashboard", client.dashboard)
    if dashboard is None:
        return False
    print(f"{partner.name}: the credentials work")
    worked = [dashboard.window is None or _check_days(partner.name, client, dashboard, dashboard.window.last)]
    for extra in partner.collect:
        path, ask = EXTRAS[extra]
        why = f"{path}, which collect: [{extra}] asks for: "
        worked.append(_asked(partner.name, path, partial(ask, client), why) is not None)
    return all(worked)


EXTRAS: Mapping[str, tuple[str, Callable[[PartnerClient], Wallet | Page[Any]]]] = {
    "wallet": ("/me", PartnerClient.me),
    "customers": ("/accounts", lambda client: client.accounts(1)),
    "causes": ("/cdrs", lambda client: client.cdrs(1)),
}
"""By extra: the path that it is read from, and how."""


def _asked(partner: str, path: str, ask: Callable[[], Answer], why: str = "") -> Answer | None:
    """The answer, and what it lacks; None if there is none, and why."""
    try:
        answer = ask()
    except ApiError as error:
        print(f"{partner}: {why}{error}")
        return None
    print(f"{partner}: {path} answers")
    if answer.unreadable:
        fields = "; ".join(f"{field.path}: {field.problem}" for field in answer.unreadable[:20])
        print(f"{partner}: {path} lacks {len(answer.unreadable)} fields, their values are absent: {fields}")
    return answer


def _check_days(partner: str, client: PartnerClient, dashboard: Report, today: date) -> bool:
    """What answers say of days, which the API's documentation leaves open. Whether ``/analytics`` answers."""
    here = datetime.now(timezone.utc).date()
    days = abs((today - here).days)
    reason = (
        "one of the two clocks is wrong, or the API does not renew its answers"
        if days > 1
        else "it has another time zone"
    )
    print(f"{partner}: the server's day is {today}, here in UTC it is {here}" + (f": {reason}" if days else ""))
    window = WINDOWS[TODAY](today)
    analytics = _asked(partner, "/analytics", lambda: client.analytics(window.first, window.last))
    # A window of just today must have the calls that today's row has.
    calls = next((row.total.calls for row in dashboard.days or () if row.day == today), None)
    if analytics is not None and calls and (analytics.total.calls or 0) < calls:
        print(f"{partner}: to_date is NOT included: /analytics lacks the last day of a window; please report this")
    return analytics is not None
