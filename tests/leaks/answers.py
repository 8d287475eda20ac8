"""Everything that a server, or something in its place, can do with a request, with secrets and personal data in it."""

from __future__ import annotations

import gzip
from collections.abc import Mapping

from exporter.api.client import MAX_BODY
from tests.leaks.telltale import TOKEN, body
from tests.rig.raw_server import Peer, Script, answer, drips, says


class Switch:
    """Does with each connection what it is set to at that moment."""

    def __init__(self, script: Script) -> None:
        self.script = script

    def __call__(self, peer: Peer) -> None:
        self.script(peer)


def _echo(status: str, headers: str = "") -> Script:
    """An answer that repeats the request, headers and all, in every part of it."""

    def act(peer: Peer) -> None:
        head = peer.request()
        sent = head.replace("\r\n", " ")
        echoed = f"X-Echo: {sent}\r\nSet-Cookie: token={TOKEN}; path=/\r\nRetry-After: {TOKEN}\r\n{headers}"
        peer.send(answer(head.encode("latin-1") + body(), status=f"{status} {TOKEN} Asha Telltale", headers=echoed))

    return act


SUCCESS = says(answer(body()))
_HUGE = gzip.compress(body(padding="Asha Telltale").ljust(MAX_BODY + 1), compresslevel=1)

_BAD_CHUNK = f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{TOKEN}\r\n".encode()

_IN_LABELS = body(
    partner={"slug": TOKEN, "billing_model": f"x {TOKEN}", "max_accounts": TOKEN},
    currency=TOKEN[:3],
    by_product={TOKEN: {"total_calls": TOKEN}, "asha.leak@customer.test": {}},
)
_ESCAPED = b"".join(b"\\u%04x" % character for character in TOKEN.encode())
_IN_VALUES = body(
    accounts={"total": "Asha Telltale", "active": "asha.leak@customer.test", "customers": TOKEN},
    calls=TOKEN,
    total_balance=TOKEN,
    period={"from": "+919812345678", "to": TOKEN},
    time_series=[{"date": TOKEN, "total_calls": "MA_LEAK0001"}, "Asha Telltale"],
)


def outcomes(elsewhere: str) -> Mapping[str, tuple[str, Script]]:
    """What happens, by name: the outcome that it is counted as, and the script. ``elsewhere`` is another authority."""
    return {
        "token in labels": ("success", says(answer(_IN_LABELS))),
        "token in labels, slashes escaped": ("success", says(answer(_IN_LABELS.replace(b"/", b"\\/")))),
        "token in labels, all of it escaped": ("success", says(answer(_IN_LABELS.replace(TOKEN.encode(), _ESCAPED)))),
        "personal data for values": ("success", says(answer(_IN_VALUES))),
        "401": ("unauthorized", _echo("401")),
        "403": ("forbidden", _echo("403", f"WWW-Authenticate: Basic realm={TOKEN}\r\n")),
        "404": ("not_found", _echo("404")),
        "422": ("client_error", _echo("422")),
        "429": ("rate_limited", _echo("429")),
        "500": ("server_error", _echo("500")),
        "no known status": ("server_error", _echo("799")),
        "redirect": ("redirect", _echo("302", f"Location: http://{elsewhere}/{TOKEN}\r\n")),
        "token as the account": ("malformed", says(answer(body(partner={"auth_id": TOKEN})))),
        "an error with personal data": (
            "malformed",
            says(answer(f'{{"error": "no asha.leak@customer.test, +919812345678, {TOKEN}"}}'.encode())),
        ),
        "not an object": ("malformed", says(answer(b'["Asha Telltale", "' + TOKEN.encode() + b'"]'))),
        "cut in a customer": ("malformed", says(answer(body()[:400]))),
        "a login page": ("malformed", says(answer(f"<html>Asha Telltale {TOKEN}</html>".encode()))),
        "an encoding that is none": ("success", says(answer(body(), headers=f"Content-Encoding: {TOKEN}\r\n"))),
        "damaged gzip": ("malformed", says(answer(gzip.compress(body())[:-20], headers="Content-Encoding: gzip\r\n"))),
        "too large": ("too_large", says(answer(_HUGE, headers="Content-Encoding: gzip\r\n"))),
        "too slow": ("timeout", drips(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", body())),
        "closed early": ("connection", says(answer(body())[:500])),
        "no HTTP": ("connection", says(f"{TOKEN} Asha Telltale\r\n\r\n".encode())),
        "a chunk that is none": ("connection", says(_BAD_CHUNK)),
    }
