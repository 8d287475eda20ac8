"""Every status, with every form of the headers that ask for a wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from itertools import count

from exporter.api.errors import Outcome
from tests.faults.fault import ApiFault, doubling
from tests.faults.vobiz import Act, Asked
from tests.rig.raw_server import Peer, answer

GROUP = "Statuses"
ASKED = 3
"""Seconds, and intervals of a second, that the API asks for."""

Header = Callable[[], str]

WAIT_HEADERS: dict[str, tuple[Header, bool]] = {
    "no header": (lambda: "", False),
    "Retry-After in seconds": (lambda: f"Retry-After: {ASKED}", True),
    "Retry-After as a date": (lambda: f"Retry-After: {formatdate(time.time() + ASKED + 0.5, usegmt=True)}", True),
    "Retry-After in the past": (lambda: f"Retry-After: {formatdate(time.time() - 3600, usegmt=True)}", False),
    "Retry-After of zero": (lambda: "Retry-After: 0", False),
    "Retry-After below zero": (lambda: "Retry-After: -5", False),
    "Retry-After that is garbage": (lambda: "Retry-After: soon; or later\t\x7f", False),
    "Retry-After empty": (lambda: "Retry-After:", False),
    "Retry-After twice": (lambda: f"Retry-After: 1\r\nRetry-After: {ASKED}", True),
    "X-RateLimit-Reset in seconds": (lambda: f"X-RateLimit-Reset: {ASKED}", True),
    "X-RateLimit-Reset since 1970": (lambda: f"X-RateLimit-Reset: {time.time() + ASKED:.0f}", True),
    "X-RateLimit-Reset in milliseconds": (lambda: f"X-RateLimit-Reset: {(time.time() + ASKED) * 1000:.0f}", True),
    "X-RateLimit-Reset in the past": (lambda: "X-RateLimit-Reset: 1500000000", False),
}
"""How a wait is asked for, and whether the exporter must wait that long; else it waits as if nothing was said."""

HUGE: dict[str, str] = {
    "Retry-After of a day": "Retry-After: 86400",
    "Retry-After beyond all numbers": "Retry-After: " + "9" * 20,
    "Retry-After in the year 9999": "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT",
}
"""Waits that are cut to fifteen minutes."""

NAMES = {401: Outcome.UNAUTHORIZED, 403: Outcome.FORBIDDEN, 429: Outcome.RATE_LIMITED}
OTHERS: dict[Outcome, tuple[int, ...]] = {
    Outcome.REDIRECT: (300, 301, 302, 303, 305, 306, 307, 308, 399),
    Outcome.MALFORMED: (304,),
    Outcome.CLIENT_ERROR: (400, 402, *range(405, 407), *range(408, 416), 418, *range(421, 427), 428, 431, 451, 499),
    Outcome.NOT_FOUND: (404,),
    Outcome.CONNECTION: (407,),
    Outcome.SERVER_ERROR: (101, *range(500, 506), 507, 508, 511, *range(520, 523), 524, 529, 530, 599, 600, 999),
}


def faults() -> Iterator[ApiFault]:
    """The statuses that are no refusal with all forms in turn, and each refusal with each form."""
    for outcome, numbers in OTHERS.items():
        for number in numbers:
            yield ApiFault(
                name=f"status-{number}",
                what=f"{number}, with every form of Retry-After and X-RateLimit-Reset in turn",
                group=GROUP,
                act=_in_turn(number),
                outcome=outcome,
                answers=4,
            )
    yield ApiFault(name="status-204", what="204 without a body", group=GROUP, act=_empty, outcome=Outcome.MALFORMED)
    yield ApiFault(name="status-206", what="206 with the whole body", group=GROUP, act=says(206, lambda: ""))
    for number, outcome in NAMES.items():
        for form, (header, honoured) in WAIT_HEADERS.items():
            yield ApiFault(
                name=f"status-{number}-" + form.lower().replace(" ", "-"),
                what=f"{number}, {form}",
                group=GROUP,
                act=says(number, header),
                outcome=outcome,
                wait=(lambda _number: float(ASKED)) if honoured else doubling,
                answers=2 if honoured else 3,
            )


def says(number: int, header: Header) -> Act:
    """Answer with the good body, so that only the status keeps it from being used."""

    def act(peer: Peer, asked: Asked) -> bool:
        headers = header() + "\r\n" if header() else ""
        location = "Location: http://127.0.0.1:1/elsewhere\r\n" if 300 <= number <= 399 else ""
        # a 304 has no body, whatever its length says
        body = b"" if number == 304 else asked.body
        peer.send(answer(body, status=f"{number} So", headers=headers + location))
        return True

    return act


def _in_turn(number: int) -> Act:
    forms = [header for header, _ in WAIT_HEADERS.values()] + [lambda text=text: text for text in HUGE.values()]
    turn = count()

    def act(peer: Peer, asked: Asked) -> bool:
        return says(number, forms[next(turn) % len(forms)])(peer, asked)

    return act


def _empty(peer: Peer, asked: Asked) -> bool:
    peer.send(b"HTTP/1.1 204 No Content\r\n\r\n")
    return True
