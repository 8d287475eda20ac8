"""``vobiz-exporter check``: is the configuration right, and do the credentials work?"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timezone
from typing import Any

from exporter.api.client import PartnerClient
from exporter.api.errors import ApiError
from exporter.api.model import Page, Report, Wallet
from exporter.config import Config, ConfigError, PartnerConfig, load_config, remarks, require_writable_state
from exporter.config.errors import StartError
from exporter.daemon import make_client, state_in_use
from exporter.poll.analytics import TODAY, WINDOWS
from exporter.web.http import WebServerError
from exporter.web.listen import parse_listen_address
from exporter.web.security import Security


def main(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Say what is configured; 0 if it is right. Raises StartError with all that is wrong."""
    problems, warnings = _web_problems(args)
    try:
        config = load_config(args.config_file, environ=environ)
        require_writable_state(config)
    except ConfigError as error:
        problems.insert(0, str(error))
    if problems:
        raise StartError("\n".join(problems))
    source = "the environment" if config.path is None else config.path
    names = [partner.name for partner in config.partners]
    print(f"{source}: good; {len(names)} {'partner' if len(names) == 1 else 'partners'} ({', '.join(names)})")
    for remark in (*remarks(config), *warnings):
        print(f"{source}: {remark}")
    if state_in_use(config):
        print(f"{source}: state.path {config.state.path} is in use: by the exporter that runs, or give it another path")
    if not args.live:
        return 0
    worked = [_check_live(partner, config) for partner in config.partners]
    return 0 if all(worked) else 1


def _web_problems(args: argparse.Namespace) -> tuple[list[str], list[str]]:
    """What would keep the web server from starting, as far as can be known without listening; and what will soon."""
    problems: list[str] = []
    try:
        for address in args.web_listen_address or ():
            parse_listen_address(address)
    except WebServerError as error:
        problems.append(str(error))
    try:
        return problems, Security(args.web_config_file).warnings()
    except WebServerError as error:
        return [*problems, str(error)], []


def _check_live(partner: PartnerConfig, config: Config) -> bool:
    """Whether all that is configured answers. An extra that is refused says nothing of the others."""
    client = make_client(partner, config)
    if not _works(partner.name, "", _findings(client)):
        return False
    worked = []
    for extra in partner.collect:
        path, findings = EXTRAS[extra]
        worked.append(_works(partner.name, f"{path}, which collect: [{extra}] asks for: ", findings(client)))
    return all(worked)


def _works(partner: str, what: str, lines: Iterator[str]) -> bool:
    try:
        for line in lines:
            print(f"{partner}: {line}")
    except ApiError as error:
        print(f"{partner}: {what}{error}")
        return False
    return True


def _findings(client: PartnerClient) -> Iterator[str]:
    """What the account's answers say of things that the API's documentation leaves open."""
    dashboard = client.dashboard()
    yield "the credentials work: /dashboard answers"
    yield from _unreadable("/dashboard", dashboard)
    if dashboard.window is None:
        return
    today = dashboard.window.last
    yield f"the server's day is {today}, {_compared(today, datetime.now(timezone.utc).date())}"
    yield f"history on /dashboard: {len(dashboard.days or ())} days with calls since {dashboard.window.first}"
    window = WINDOWS[TODAY](today)
    analytics = client.analytics(window.first, window.last)
    yield "/analytics answers"
    yield from _unreadable("/analytics", analytics)
    yield _inclusive(dashboard, analytics)


def _compared(today: date, here: date) -> str:
    """The server's day beside that of UTC here: a time zone explains a day between them, and no more."""
    if today == here:
        return "as it is here in UTC"
    if abs((today - here).days) == 1:
        return f"here in UTC it is {here}: the server has another time zone"
    return f"here in UTC it is {here}: one of the two clocks is wrong, or the API does not renew its answers"


def _wallet(client: PartnerClient) -> Iterator[str]:
    wallet = client.me()
    yield "/me answers" + ("" if wallet.currency is None else f", its currency is {wallet.currency}")
    yield from _unreadable("/me", wallet)


def _customers(client: PartnerClient) -> Iterator[str]:
    page = client.accounts(1)
    yield f"/accounts answers: {len(page.items)} customers on its first page, " + (
        "and does not say how many there are" if page.total is None else f"{page.total} in all"
    )
    yield from _unreadable("/accounts", page)


def _causes(client: PartnerClient) -> Iterator[str]:
    page = client.cdrs(1)
    ended = max((record.end_time for record in page.items if record.end_time is not None), default=None)
    newest = "" if ended is None else f", the newest call ended at {ended:%Y-%m-%d %H:%M:%S} UTC"
    yield f"/cdrs answers: {len(page.items)} call records on its first page{newest}"
    yield from _unreadable("/cdrs", page)


EXTRAS: Mapping[str, tuple[str, Callable[[PartnerClient], Iterator[str]]]] = {
    "wallet": ("/me", _wallet),
    "customers": ("/accounts", _customers),
    "causes": ("/cdrs", _causes),
}
"""By extra: the path that it is read from, and what an answer of it says."""


def _unreadable(endpoint: str, answer: Report | Wallet | Page[Any]) -> Iterator[str]:
    if answer.unreadable:
        fields = "; ".join(f"{field.path}: {field.problem}" for field in answer.unreadable[:20])
        yield f"{endpoint} lacks {len(answer.unreadable)} fields, their values are absent: {fields}"


def _inclusive(dashboard: Report, analytics: Report) -> str:
    """Whether to_date is included: a window of just today must have the calls that today's row has."""
    if dashboard.window is None or dashboard.days is None:
        return "whether to_date is included is unknown: /dashboard has no days"
    row = next((row for row in dashboard.days if row.day == dashboard.window.last), None)
    if row is None or not row.total.calls:
        return "whether to_date is included is unknown yet: no calls today"
    if analytics.total.calls is not None and analytics.total.calls >= row.total.calls:
        return "to_date is included, as this program takes it to be"
    return "to_date seems NOT to be included: values of /analytics would lack their last day; please report this"
