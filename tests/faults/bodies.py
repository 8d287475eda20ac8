"""What can be wrong with the body of an answer: no JSON, other JSON, or a value that cannot be."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache

from exporter.api.errors import Outcome
from tests.faults.fault import ENDPOINTS, ApiFault
from tests.faults.vobiz import Act, Asked, Json
from tests.rig.raw_server import Peer
from tests.rig.vobiz import json_answer

GROUP = "Answers"

Bytes = Callable[[bytes], bytes]
Change = Callable[[Json], object]
"""Changes an answer in place; a value other than None is sent in its stead."""


def _number(body: bytes, number: bytes) -> bytes:
    said = json.loads(body)
    said["calls"]["total_calls"] = "HERE"
    return json.dumps(said).encode().replace(b'"HERE"', number)


def _lanes(said: Json, **changes: object) -> None:
    """The same change in the roll-up, both directions and both products."""
    for lane in (said["calls"], *said["traffic"].values(), *said["by_product"].values()):
        lane.update(changes)


def _reversed(said: Json) -> None:
    period = said["period"]
    said["period"] = {"from": "2099-01-01", "to": period["from"]}


def _texts(body: bytes) -> bytes:
    def text(value: object) -> object:
        if isinstance(value, dict):
            return {key: text(one) for key, one in value.items()}
        if isinstance(value, list):
            return [text(one) for one in value]
        return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value

    return json.dumps(text(json.loads(body))).encode()


def _many_customers(body: bytes) -> bytes:
    said = json.loads(body)
    said["accounts"]["customers"] = "HERE"
    return json.dumps(said).encode().replace(b'"HERE"', _many_rows())


_CUSTOMER = {
    "auth_id": "MA_%06d",
    "name": "Mallory Customer",
    "email": "mallory@customer.example",
    "phone": "+911234567890",
    "is_active": True,
    "created_at": "2026-01-01T00:00:00Z",
}


@cache
def _many_rows() -> bytes:
    row = json.dumps(_CUSTOMER)
    return ("[" + ",".join(row % number for number in range(100_000)) + "]").encode()


def _failed(said: Json) -> None:
    said.clear()
    said["error"] = {"code": 500, "message": "temporarily unavailable"}


NO_OBJECT: dict[str, tuple[str, Bytes]] = {
    "body-empty": ("an empty body", lambda body: b""),
    "body-blank": ("nothing but white space", lambda body: b" \r\n\t"),
    "body-list": ("the answer in a list", lambda body: b"[" + body + b"]"),
    "body-string": ("a string", lambda body: b'"ok"'),
    "body-null": ("null", lambda body: b"null"),
    "body-number": ("a number", lambda body: b"42"),
    "body-html": ("an HTML page with status 200", lambda body: b"<!DOCTYPE html><html>Sign in</html>"),
    "body-truncated": ("half of the JSON, with a length that fits", lambda body: body[: len(body) // 2]),
    "body-twice": ("two answers in one body", lambda body: body + body),
    "body-trailing": ("garbage after the JSON", lambda body: body + b"</html>"),
    "body-single-quotes": ("single quotes", lambda body: body.replace(b'"', b"'")),
    "body-comment": ("a comment", lambda body: b"{/* */" + body[1:]),
    "body-nul": ("zero bytes", lambda body: b"{" + b"\0" * 1000 + body[1:]),
    "body-nested": ("200,000 levels of objects", lambda body: b'{"a":' * 200_000 + b"1" + b"}" * 200_000),
    "body-nested-open": ("200,000 brackets that never close", lambda body: b'{"calls":' + b"[" * 200_000),
    "body-utf-16": ("UTF-16", lambda body: body.decode().encode("utf-16")),
}
"""No JSON object: nothing of it is used."""

NUMBERS: dict[str, tuple[str, Bytes]] = {
    "body-nan": ("NaN for the calls", lambda body: _number(body, b"NaN")),
    "body-infinity": ("-Infinity for the calls", lambda body: _number(body, b"-Infinity")),
    "body-hex": ("a hexadecimal number", lambda body: _number(body, b"0x1F")),
}
"""No number, and no JSON either: only that field is lost."""

HARMLESS: dict[str, tuple[str, Bytes]] = {
    "body-bom": ("a byte order mark", lambda body: b"\xef\xbb\xbf" + body),
    "body-spaces": ("a megabyte of white space around it", lambda body: b" " * 500_000 + body + b"\n" * 500_000),
    "body-more-fields": ("fields nobody knows", lambda body: b'{"new": {"deep": [1, null]}, ' + body[1:]),
    "body-100000-customers": ("100,000 customers", _many_customers),
    "numbers-as-text": ("numbers as strings", _texts),
    "body-keys-twice": ("a field twice, the last one right", lambda body: b'{"total_balance": "1", ' + body[1:]),
}
"""Odd, but a good answer."""

BOTH: dict[str, tuple[str, Change]] = {
    "calls-null": ("null for the calls", lambda said: said["calls"].update(total_calls=None)),
    "calls-negative": ("a negative number of calls", lambda said: _lanes(said, total_calls=-5)),
    "minutes-negative": ("negative minutes", lambda said: _lanes(said, total_minutes=-0.5)),
    "cost-negative": ("negative cost", lambda said: _lanes(said, total_cost="-12.50000")),
    "calls-fraction": ("half a call", lambda said: _lanes(said, total_calls=10.5)),
    "calls-astronomic": ("10^300 calls", lambda said: _lanes(said, total_calls=1e300)),
    "calls-4000-digits": ("a number of 4,000 digits", lambda said: _lanes(said, total_calls=int("9" * 4000))),
    "calls-true": ("true for a number", lambda said: _lanes(said, total_calls=True)),
    "calls-text": ("words for numbers", lambda said: _lanes(said, total_calls="many")),
    "calls-list": ("a list for a number", lambda said: _lanes(said, total_calls=[5])),
    "answered-above-calls": ("more answered calls than calls", lambda said: _lanes(said, answered_calls=10**6)),
    "traffic-missing": ("no directions", lambda said: said.pop("traffic") and None),
    "currency-number": ("a number for the currency", lambda said: said.update(currency=356)),
    "currency-injection": ("a currency that would break a page", lambda said: said.update(currency='INR"} 1\nx{y="')),
    "period-missing": ("no period", lambda said: said.pop("period") and None),
    "period-garbage": ("a period that is no date", lambda said: said.update(period={"from": "today", "to": "now"})),
    "period-reversed": ("a period that ends before it begins", _reversed),
    "products-number": ("a number for the products", lambda said: said.update(by_product=7)),
}
"""A JSON object with a part that cannot be used: that part is absent, the rest counts. For either endpoint."""

NOTHING: dict[str, tuple[str, Change]] = {
    "all-null": ("null for everything", lambda said: said.update(dict.fromkeys(said))),
    "object-empty": ("{}", lambda said: said.clear()),
    "error-with-200": ("an error with status 200", _failed),
    "another-account": ("another account's answer", lambda said: said["partner"].update(auth_id="PA_OTHER")),
}
"""A JSON object without anything that was asked for, or of another account: nothing of it is used."""

DASHBOARD: dict[str, tuple[str, Change]] = {
    "traffic-list": ("a list where an object belongs", lambda said: said.update(traffic=[], calls=[], by_product=[])),
    "balance-missing": ("no balance", lambda said: said.pop("total_balance") and None),
    "balance-text": ("a balance in words", lambda said: said.update(total_balance="plenty")),
    "balance-comma": ("a balance with a comma", lambda said: said.update(total_balance="1,003,058.82")),
    "accounts-more-active": ("more active accounts than accounts", lambda said: said["accounts"].update(active=9)),
    "accounts-null": ("no accounts", lambda said: said.update(accounts=None)),
    "slug-injection": ("a slug that would break a page", lambda said: said["partner"].update(slug='x"} 1\n')),
    "days-missing": ("no time_series", lambda said: said.pop("time_series") and None),
    "days-object": ("an object for time_series", lambda said: said.update(time_series={})),
    "days-of-nothing": ("rows that are no objects", lambda said: said.update(time_series=[None, 1, "x", []])),
    "days-5000": ("5,000 rows", lambda said: said.update(time_series=said["time_series"] * 250)),
    "days-twice": ("today's row twice", lambda said: said["time_series"].append(said["time_series"][-1])),
    "day-garbage": ("a row of no day", lambda said: said["time_series"][-1].update(date="0000-99-99")),
    "day-negative": ("a row of negative calls", lambda said: said["time_series"][-1]["inbound"].update(total_calls=-1)),
}
"""The same, in what only ``/dashboard`` is read for."""


def faults() -> Iterator[ApiFault]:
    """All of them."""
    for name, (what, data) in NO_OBJECT.items():
        yield ApiFault(name=name, what=what, group=GROUP, act=_sends(data), outcome=Outcome.MALFORMED)
    for name, (what, data) in HARMLESS.items():
        yield ApiFault(name=name, what=what, group=GROUP, act=_sends(data))
    for name, (what, data) in NUMBERS.items():
        yield ApiFault(name=name, what=what, group=GROUP, act=_sends(data), fields=True)
    for name, (what, change) in NOTHING.items():
        yield ApiFault(name=name, what=what, group=GROUP, act=_sends(_changed(change)), outcome=Outcome.MALFORMED)
    for changes, endpoints in ((BOTH, ENDPOINTS), (DASHBOARD, ENDPOINTS[:1])):
        for name, (what, change) in changes.items():
            yield ApiFault(
                name=name, what=what, group=GROUP, act=_sends(_changed(change)), fields=True, endpoints=endpoints
            )


def _sends(data: Bytes) -> Act:
    def act(peer: Peer, asked: Asked) -> bool:
        peer.send(json_answer(data(asked.body)))
        return True

    return act


def _changed(change: Change) -> Bytes:
    def data(body: bytes) -> bytes:
        said = json.loads(body)
        change(said)
        return json.dumps(said).encode()

    return data
