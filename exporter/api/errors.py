"""What can go wrong with one request to the Partner API, each with its closed outcome and its wording.

``str(error)`` is one line: what happened and what to do. It never holds a header, a body, or a credential; of a body
at most the API's own error message, without what could be personal data.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class Outcome(str, Enum):
    """How a request ended: the values of the ``outcome`` label, a closed set.

    ``happened`` says what such a failure is, ``remedy`` what to do; ``lasting`` ones need a person, others may pass.
    """

    happened: str
    remedy: str
    lasting: bool

    def __new__(cls, value: str, happened: str = "", remedy: str = "", lasting: bool = False) -> Outcome:
        outcome = str.__new__(cls, value)
        outcome._value_ = value
        outcome.happened, outcome.remedy, outcome.lasting = happened, remedy, lasting
        return outcome

    SUCCESS = "success"
    TIMEOUT = "timeout", "Vobiz did not answer in time", "check the network or raise api.timeout"
    CONNECTION = "connection", "No connection to Vobiz", "check DNS, proxy, firewall and api.base_url"
    TLS = (
        "tls",
        "No trusted encrypted connection to Vobiz",
        "check api.base_url, this machine's clock and the CA bundle (REQUESTS_CA_BUNDLE)",
        True,
    )
    REDIRECT = (
        "redirect",
        "Vobiz's address redirects elsewhere",
        "check api.base_url: redirects are never followed, to keep the token safe",
        True,
    )
    UNAUTHORIZED = (
        "unauthorized",
        "Vobiz refuses the credentials (401)",
        "check auth_id and auth_token: they must be a partner's PA_ pair, not a customer's MA_ pair",
        True,
    )
    FORBIDDEN = (
        "forbidden",
        "The credentials are valid but lack the permission (403)",
        "ask Vobiz to allow it for this partner",
        True,
    )
    NOT_FOUND = (
        "not_found",
        "Vobiz does not know the address (404)",
        "check api.base_url: it ends in /api/v1/partner",
        True,
    )
    RATE_LIMITED = "rate_limited", "Vobiz asks for fewer requests (429)", "raise poll.interval"
    CLIENT_ERROR = (
        "client_error",
        "Vobiz does not accept the request (4xx)",
        "look for a newer release of the exporter",
        True,
    )
    SERVER_ERROR = "server_error", "Vobiz has a fault on its side (5xx)", "ask Vobiz"
    MALFORMED = (
        "malformed",
        "The answer is not one of Vobiz's",
        "check that api.base_url is the Partner API and no proxy or login page answers in its place",
    )
    TOO_LARGE = (
        "too_large",
        "Vobiz's answer is larger than allowed",
        "raise api.max_body if the account really is that large",
        True,
    )

    @property
    def to_do(self) -> str:
        """The remedy as a sentence of its own."""
        if self.lasting:
            return f"{self.remedy[:1].upper()}{self.remedy[1:]}."
        return f"It is tried again at the next poll. If it lasts, {self.remedy}."


FAILURES: Mapping[str, Outcome] = MappingProxyType({it.value: it for it in Outcome if it is not Outcome.SUCCESS})
"""By the value of the label: what ``happened``, what ``to_do``, and whether it is ``lasting``."""


class Cancelled(Exception):
    """The program is stopping; it ended this request itself. No ApiError: the API is not to blame."""


class ApiError(Exception):
    """A request that brought no usable answer; outcomes that somebody treats apart have a class of their own.

    ``reason`` says what happened, ``remedy`` what a person can do about it; both are one line without secrets.
    """

    outcome: Outcome

    def __init__(self, reason: str, *, outcome: Outcome | None = None, remedy: str = "") -> None:
        self.outcome = outcome or self.outcome
        self.reason = reason
        self.remedy = remedy or self.outcome.remedy
        super().__init__(f"{reason}; {'' if self.outcome.lasting else 'if it lasts, '}{self.remedy}")


class RequestTimeout(ApiError):
    """The whole request, body included, took longer than ``api.timeout``, so many seconds."""

    outcome = Outcome.TIMEOUT

    def __init__(self, timeout: float) -> None:
        super().__init__(f"no complete answer within {timeout:g} s")


class ConnectionFailed(ApiError):
    """No connection, a broken one, or an answer that ended before it was complete."""

    outcome = Outcome.CONNECTION


class TlsFailed(ApiError):
    """The server's certificate is not trusted, or no encrypted connection came about."""

    outcome = Outcome.TLS


class Refusal(ApiError):
    """The next request waits longer; ``retry_after`` is how many seconds the API asked for, if it said so."""

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Unauthorized(Refusal):
    """401: missing or wrong credentials."""

    outcome = Outcome.UNAUTHORIZED


class Forbidden(Refusal):
    """403: valid credentials without the permission."""

    outcome = Outcome.FORBIDDEN


class RateLimited(Refusal):
    """429: a rate or capacity limit."""

    outcome = Outcome.RATE_LIMITED


class ServerError(ApiError):
    """5xx, or a status that HTTP does not know."""

    outcome = Outcome.SERVER_ERROR


class Malformed(ApiError):
    """The answer is not one of the Partner API's: no JSON object, nothing of what was asked for, another account's."""

    outcome = Outcome.MALFORMED
