"""The simulated Partner API: who may ask what, and what spoils the answer."""

from __future__ import annotations

import hmac
import re
from datetime import date
from itertools import cycle

from . import answers
from .climate import day_of
from .incidents import Kind
from .messages import Manner, Reply, Request, as_json, refusal
from .partner import SimulatedPartner
from .records import Record
from .simulation import Simulation, World

BASE_PATH = "/api/v1/partner"
PERIOD_DAYS = 30
RETRY_AFTER = "5"

_PATHS = ("/dashboard", "/analytics", "/me", "/accounts", "/cdrs")
_CUSTOMER_CDRS = re.compile("/accounts/([A-Za-z0-9_]+)/cdrs")
_MAX_PER_PAGE = 1_000
_MAX_RECORDS_PER_PAGE = 100


class _BadParameter(ValueError):
    """A query parameter that cannot be: answered with 422."""


class PartnerApi:
    """Answers requests below ``BASE_PATH``."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._malformed = cycle((_cut_off, _html, _list))

    def answer(self, request: Request) -> Reply:
        """Return the reply that the API gives, or what a running incident makes of it."""
        with self._simulation.world() as world:
            trouble = world.timeline.disturbance(request.auth_id, world.now)
            if trouble is Kind.API_DOWN:
                return Reply(status=503, body=b"", manner=Manner.DROPPED)
            if trouble is Kind.RATE_LIMITED:
                return refusal(429, "too many requests", headers=(("Retry-After", RETRY_AFTER),))
            if trouble is Kind.UNAUTHORIZED:
                return refusal(401, "the credentials were refused")
            reply = self._undisturbed(request, world)
            if trouble is Kind.API_SLOW:
                return Reply(status=reply.status, body=reply.body, headers=reply.headers, manner=Manner.DRIPPING)
            if trouble is Kind.MALFORMED:
                return next(self._malformed)(reply.body)
            return reply

    def _undisturbed(self, request: Request, world: World) -> Reply:
        path = request.path.removeprefix(BASE_PATH)
        of_customer = _CUSTOMER_CDRS.fullmatch(path)
        if path not in _PATHS and of_customer is None:
            return refusal(404, "no such path")
        if request.method != "GET":
            return refusal(405, "only GET is allowed here", headers=(("Allow", "GET"),))
        token = world.token(request.auth_id)
        if request.auth_id is None or token is None or not _same(token, request.token):
            return refusal(401, "X-Auth-ID or X-Auth-Token is missing or wrong")
        partner = world.partner(request.auth_id)
        try:
            if path == "/me":
                return as_json(200, answers.me(partner))
            if path == "/accounts":
                page, size = _number(request, "page", 1), _number(request, "per_page", 100, most=_MAX_PER_PAGE)
                return as_json(200, answers.account_page(partner, page=page, size=size))
            if path == "/cdrs" or of_customer is not None:
                page, size = _number(request, "page", 1), _number(request, "per_page", 20, most=_MAX_RECORDS_PER_PAGE)
                records = _records(request, partner, of_customer[1] if of_customer else None)
                return as_json(200, answers.record_page(partner, records, page=page, size=size))
            first, last = _window(request if path == "/analytics" else None, partner)
        except _BadParameter as error:
            return refusal(422, str(error))
        return as_json(200, answers.report(partner, first=first, last=last))


def _same(token: str, given: str | None) -> bool:
    return given is not None and hmac.compare_digest(token.encode(), given.encode("utf-8", "surrogateescape"))


def _window(request: Request | None, partner: SimulatedPartner) -> tuple[date, date]:
    today = partner.shown.today
    last = (_date(request, "to_date") if request else None) or today
    first = (_date(request, "from_date") if request else None) or date.fromordinal(
        max(1, last.toordinal() - PERIOD_DAYS)
    )
    if first > last:
        raise _BadParameter("from_date is after to_date")
    return first, last


def _records(request: Request, partner: SimulatedPartner, customer: str | None) -> list[Record]:
    """Return what the filters leave, the newest first."""
    first, last = _date(request, "start_date"), _date(request, "end_date")
    if (first is None) != (last is None):
        raise _BadParameter("start_date and end_date go together")
    shortest = _number(request, "min_duration", 0, least=0)
    wanted = {name: request.query.get(name) for name in ("call_direction", "status", "hangup_cause")}
    return [
        record
        for record in partner.records.newest(partner.shown.last_record)
        if (customer is None or partner.customers[record.customer].auth_id == customer)
        and (first is None or last is None or first <= day_of(record.begun) <= last)
        and record.talk >= shortest
        and wanted["call_direction"] in (None, record.direction)
        and wanted["status"] in (None, record.cause.status)
        and wanted["hangup_cause"] in (None, record.cause.word)
    ]


def _date(request: Request, name: str) -> date | None:
    text = request.query.get(name)
    if text is None:
        return None
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise _BadParameter(f"{name} is not a date of the form YYYY-MM-DD")


def _number(request: Request, name: str, usual: int, *, least: int = 1, most: int = 1_000_000) -> int:
    text = request.query.get(name, str(usual))
    if not re.fullmatch("[0-9]{1,7}", text) or not least <= int(text) <= most:
        raise _BadParameter(f"{name} is not a whole number from {least} to {most}")
    return int(text)


def _cut_off(body: bytes) -> Reply:
    return Reply(status=200, body=body[: len(body) // 2])


def _html(body: bytes) -> Reply:
    return Reply(status=200, body=b"<html><body>We are back soon.</body></html>", content_type="text/html")


def _list(body: bytes) -> Reply:
    return Reply(status=200, body=b"[" + body + b"]")
