"""``vobiz-exporter check``: is the configuration right, and do the credentials work?"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import date, datetime, timezone

from exporter.api.accounts import accounts_parser, parse_me
from exporter.api.client import PartnerClient
from exporter.api.errors import ApiError, StartError
from exporter.api.model import AccountPage, Report, Wallet
from exporter.api.reports import parse_analytics, parse_dashboard
from exporter.config import Config, ConfigError, PartnerConfig, load_config
from exporter.poll.periods import TODAY, window_of
from exporter.poll.round import PER_PAGE
from exporter.web import WebConfigError, WebServerError, check_web_config, parse_listen_address
from exporter.wiring import make_client


def main(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Tell what is configured; 0 if it is right. Raises StartError with all that is wrong."""
    problems = list(_web_problems(args))
    try:
        config = load_config(args.config_file, environ=environ)
    except ConfigError as error:
        raise StartError("\n".join([str(error), *problems])) from None
    if problems:
        raise StartError("\n".join(problems))
    source = "the environment" if config.path is None else config.path
    names = [partner.name for partner in config.partners]
    print(f"{source}: good; {len(names)} {'partner' if len(names) == 1 else 'partners'} ({', '.join(names)})")
    if not args.live:
        return 0
    worked = [_check_live(partner, config) for partner in config.partners]
    return 0 if all(worked) else 1


def _web_problems(args: argparse.Namespace) -> Iterator[str]:
    """What would keep the web server from starting, as far as can be told without listening."""
    try:
        for address in args.web_listen_address or ():
            parse_listen_address(address)
    except WebServerError as error:
        yield str(error)
    try:
        if args.web_config_file is not None:
            check_web_config(args.web_config_file)
    except WebConfigError as error:
        yield str(error)


def _check_live(partner: PartnerConfig, config: Config) -> bool:
    with closing(make_client(partner, config)) as client:
        try:
            for line in _findings(client):
                print(f"{partner.name}: {line}")
        except ApiError as error:
            print(f"{partner.name}: {error}")
            return False
        answered = [_check_extra(partner, extra, client) for extra in partner.collect]
        return all(answered)


def _check_extra(partner: PartnerConfig, extra: str, client: PartnerClient) -> bool:
    """One that is refused says nothing of the others."""
    path, findings = _EXTRAS[extra]
    try:
        for line in findings(client):
            print(f"{partner.name}: {line}")
    except ApiError as error:
        print(f"{partner.name}: {path}, which collect: [{extra}] asks for: {error}")
        return False
    return True


def _findings(client: PartnerClient) -> Iterator[str]:
    """What the account's answers say of things that the API's documentation leaves open."""
    dashboard = client.dashboard(parse_dashboard)
    yield "the credentials work: /dashboard answers"
    yield from _unreadable("/dashboard", dashboard)
    if dashboard.window is None:
        return
    today = dashboard.window.last
    yield f"the server's day is {today}, {_compared(today, datetime.now(timezone.utc).date())}"
    yield f"history on /dashboard: {len(dashboard.days or ())} days with calls since {dashboard.window.first}"
    window = window_of(TODAY, today)
    analytics = client.analytics(parse_analytics, first=window.first, last=window.last)
    yield "/analytics answers"
    yield from _unreadable("/analytics", analytics)
    yield _inclusive(dashboard, analytics)


def _compared(today: date, here: date) -> str:
    """The server's day beside that of UTC here: a time zone explains a day between them, and no more."""
    if today == here:
        return "as it is here in UTC"
    if abs((today - here).days) == 1:
        return f"here in UTC it is {here}: the server has another time zone"
    return f"here in UTC it is {here}: one of the two clocks is wrong, or the figures are not renewed"


def _wallet(client: PartnerClient) -> Iterator[str]:
    wallet = client.me(parse_me)
    yield "/me answers" + ("" if wallet.currency is None else f", its currency is {wallet.currency}")
    yield from _unreadable("/me", wallet)


def _customers(client: PartnerClient) -> Iterator[str]:
    page = client.accounts(accounts_parser(names=False), page=1, per_page=PER_PAGE)
    yield f"/accounts answers: {len(page.accounts)} customers on its first page, " + (
        "and does not say how many there are" if page.total is None else f"{page.total} in all"
    )
    yield from _unreadable("/accounts", page)


_EXTRAS: Mapping[str, tuple[str, Callable[[PartnerClient], Iterator[str]]]] = {
    "wallet": ("/me", _wallet),
    "customers": ("/accounts", _customers),
}


def _unreadable(endpoint: str, answer: Report | Wallet | AccountPage) -> Iterator[str]:
    if answer.unreadable:
        fields = "; ".join(f"{field.path}: {field.problem}" for field in answer.unreadable[:20])
        yield f"{endpoint} lacks {len(answer.unreadable)} fields, their figures will be absent: {fields}"


def _inclusive(dashboard: Report, analytics: Report) -> str:
    """Whether to_date is included: a window of just today must have the calls that today's row has."""
    if dashboard.window is None or dashboard.days is None:
        return "whether to_date is included cannot be told: /dashboard has no days"
    row = next((row for row in dashboard.days if row.day == dashboard.window.last), None)
    if row is None or not row.total.calls:
        return "whether to_date is included cannot be told yet: no calls today"
    if analytics.total.calls is not None and analytics.total.calls >= row.total.calls:
        return "to_date is included, as this program takes it to be"
    return "to_date seems NOT to be included: figures of /analytics would lack their last day; please report this"
