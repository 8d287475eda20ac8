"""The web configuration file, in the exporter-toolkit's format, from YAML to checked values.

The format: https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md. What differs, and
why, is said in the errors below: where Python's ssl cannot do what Go's does, the file is refused, never weakened.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from exporter.web.tls_settings import TlsSettings, read_tls
from exporter.web.yaml_fields import Section, read_sections

_HEADERS: Mapping[str, tuple[str, ...]] = {
    "Content-Security-Policy": (),
    "Strict-Transport-Security": (),
    "X-Content-Type-Options": ("nosniff",),
    "X-Frame-Options": ("deny", "sameorigin"),
    "X-XSS-Protection": (),
}
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")
_BCRYPT = re.compile(r"\$2[abxy]\$([0-9]{2})\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}")
# At a cost of 18 one computation takes half a minute; each step up doubles it.
_LOWEST_COST, _HIGHEST_COST = 4, 18
_DURATION_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|us|µs|ns|s|m|h)")
_UNIT_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """`interval` seconds between two requests, after `burst` of them at once."""

    interval: float
    burst: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WebConfig:
    """What a web configuration file says. `users` maps names to bcrypt hashes; empty: no authentication."""

    tls: TlsSettings | None = None
    headers: tuple[tuple[str, str], ...] = ()
    users: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    rate_limit: RateLimit | None = None

    def protections(self) -> frozenset[str]:
        """The fields in force that keep somebody out."""
        tls = self.tls
        in_force = {
            "tls_server_config": tls is not None,
            "tls_server_config.client_auth_type": tls is not None and tls.verify_clients is ssl.CERT_REQUIRED,
            "tls_server_config.client_allowed_sans": tls is not None and bool(tls.client_allowed_sans),
            "basic_auth_users": bool(self.users),
        }
        return frozenset(name for name, on in in_force.items() if on)


def read_web_config(file: Path) -> WebConfig:
    """Reads and checks the file; certificates are not opened. Raises WebConfigError: one line, file, line, field."""
    top = read_sections(file).only("tls_server_config", "http_server_config", "basic_auth_users", "rate_limit")
    tls, http, users, rate = map(
        top.section, ("tls_server_config", "http_server_config", "basic_auth_users", "rate_limit")
    )
    return WebConfig(
        tls=None if tls is None else read_tls(tls),
        headers=() if http is None else _read_http(http),
        users={} if users is None else {name: _bcrypt_hash(users, name) for name in users},
        rate_limit=None if rate is None else _read_rate_limit(rate),
    )


def _read_http(http: Section) -> tuple[tuple[str, str], ...]:
    http.only("http2", "headers")
    # HTTP/1.1 alone is spoken, which http2: true allows too: every HTTP/2 client speaks both.
    http.flag("http2", default=True)
    headers = http.section("headers")
    if headers is None:
        return ()
    headers.only(*_HEADERS)
    found = []
    for name in headers:
        value = headers.choice(name, _HEADERS[name]) if _HEADERS[name] else headers.text(name)
        if value is None:
            continue
        if not _HEADER_VALUE.fullmatch(value):
            raise headers.error(name, "must be one line of printable ASCII")
        found.append((name, value))
    return tuple(found)


def _bcrypt_hash(users: Section, name: str) -> bytes:
    match = _BCRYPT.fullmatch(users.text(name) or "")
    if match is None:
        raise users.error(name, "must be a bcrypt hash ($2y$...); make one with: htpasswd -nBC 10 NAME")
    if not _LOWEST_COST <= int(match[1]) <= _HIGHEST_COST:
        raise users.error(name, f"has a bcrypt cost outside {_LOWEST_COST} to {_HIGHEST_COST}; 10 is usual")
    if ":" in name:
        raise users.error(name, "cannot log in: a user name has no colon")
    return match[0].encode()


def _read_rate_limit(rate: Section) -> RateLimit | None:
    rate.only("interval", "burst")
    interval = _seconds(rate, rate.text("interval") or "0s")
    burst = rate.text("burst") or "0"
    if not (burst.isascii() and burst.isdigit()):
        raise rate.error("burst", "must be a whole number")
    if not interval:
        return None
    if int(burst) < 1:
        raise rate.error("burst", "must be 1 or more, or every request is refused")
    return RateLimit(interval=interval, burst=int(burst))


def _seconds(rate: Section, text: str) -> float:
    if text != "0" and not re.fullmatch(f"(?:{_DURATION_PART.pattern})+", text):
        raise rate.error("interval", "must be a duration such as 1s or 500ms")
    return sum(float(amount) * _UNIT_SECONDS[unit] for amount, unit in _DURATION_PART.findall(text))
