"""Failures of polls in plain words: what happens, and what to do about it.

The words follow from the closed outcome alone. A failure's own message may name hosts and proxies of the
configuration; it stays in the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One sentence for what happened, one for what to do. ``lasting`` failures need a person; others may pass."""

    happened: str
    to_do: str
    lasting: bool = False


FAILURES: Mapping[str, Wording] = MappingProxyType(
    {
        "timeout": Wording(
            happened="Vobiz did not answer in time",
            to_do="It is tried again at the next poll. If it lasts, check the network or raise api.timeout.",
        ),
        "connection": Wording(
            happened="No connection to Vobiz",
            to_do="It is tried again at the next poll. If it lasts, check DNS, proxy, firewall and api.base_url.",
        ),
        "tls": Wording(
            happened="No trusted encrypted connection to Vobiz",
            to_do="Check api.base_url, the clock of this machine and its CA certificates (REQUESTS_CA_BUNDLE).",
            lasting=True,
        ),
        "redirect": Wording(
            happened="Vobiz's address redirects elsewhere; redirects are never followed, to keep the token safe",
            to_do="Check api.base_url.",
            lasting=True,
        ),
        "unauthorized": Wording(
            happened="Vobiz refuses the credentials (401)",
            to_do="Check auth_id and auth_token: they must be a partner's PA_ pair, not a customer's MA_ pair.",
            lasting=True,
        ),
        "forbidden": Wording(
            happened="The credentials are valid but lack the permission (403)",
            to_do="Ask Vobiz to allow it for this partner.",
            lasting=True,
        ),
        "not_found": Wording(
            happened="Vobiz does not know the address (404)",
            to_do="Check api.base_url: it ends in /api/v1/partner.",
            lasting=True,
        ),
        "rate_limited": Wording(
            happened="Vobiz asks for fewer requests (429)",
            to_do="Polls slow down by themselves. If it lasts, raise poll.interval.",
        ),
        "client_error": Wording(
            happened="Vobiz does not accept the request (4xx)",
            to_do="Look for a newer release of the exporter.",
            lasting=True,
        ),
        "server_error": Wording(
            happened="Vobiz has a fault on its side (5xx)",
            to_do="It is tried again at the next poll. If it lasts, ask Vobiz.",
        ),
        "malformed": Wording(
            happened="The answer is not one of Vobiz's",
            to_do="Check that api.base_url is the Partner API, and that no proxy or login page answers in its place.",
        ),
        "too_large": Wording(
            happened="Vobiz's answer is larger than allowed",
            to_do="Raise api.max_body if the account really is that large.",
            lasting=True,
        ),
    }
)
"""By outcome."""
