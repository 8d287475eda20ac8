"""What can go wrong with one request to the Partner API, each with its closed outcome.

``str(error)`` is one line: what happened and what to do. It never holds a header, a body, or a
credential; of a body at most the API's own error message, without what could be personal data.
"""

from __future__ import annotations

from enum import Enum


class Outcome(str, Enum):
    """How a request ended: the values of the ``outcome`` label, a closed set."""

    SUCCESS = "success"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    TLS = "tls"
    REDIRECT = "redirect"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    RATE_LIMITED = "rate_limited"
    CLIENT_ERROR = "client_error"
    SERVER_ERROR = "server_error"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"


class ApiError(Exception):
    """A request that brought no usable answer.

    ``reason`` says what happened, ``remedy`` what a person can do about it; both are one line without secrets.
    """

    outcome: Outcome
    remedy: str

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason}; {self.remedy}")
        self.reason = reason


class Cancelled(Exception):
    """The program is stopping; it ended this request itself. No ApiError: the API is not to blame."""


class RequestTimeout(ApiError):
    """The whole request, body included, took longer than ``api.timeout``."""

    outcome = Outcome.TIMEOUT
    remedy = "check the network or raise api.timeout"


class ConnectionFailed(ApiError):
    """No connection, a broken one, or an answer that ended before it was complete."""

    outcome = Outcome.CONNECTION
    remedy = "check DNS, proxy, firewall and api.base_url"


class TlsFailed(ApiError):
    """The server's certificate is not trusted, or no encrypted connection came about."""

    outcome = Outcome.TLS
    remedy = "check api.base_url, this machine's clock and the CA bundle (REQUESTS_CA_BUNDLE)"


class Redirected(ApiError):
    """A redirect, which is never followed: the token would travel to wherever it points."""

    outcome = Outcome.REDIRECT
    remedy = "redirects are never followed, to keep the token safe; check api.base_url"


class Refusal(ApiError):
    """The next request waits longer; ``retry_after`` is how many seconds the API asked for, if it said so."""

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Unauthorized(Refusal):
    """401: missing or wrong credentials."""

    outcome = Outcome.UNAUTHORIZED
    remedy = "check auth_id and auth_token: they must be a partner's PA_ pair, not a customer's MA_ pair"


class Forbidden(Refusal):
    """403: valid credentials without the permission."""

    outcome = Outcome.FORBIDDEN
    remedy = "the credentials are valid but lack the permission; ask Vobiz to allow it for this partner"


class RateLimited(Refusal):
    """429: a rate or capacity limit."""

    outcome = Outcome.RATE_LIMITED
    remedy = "fewer requests are wanted: raise poll.interval if it lasts"


class NotFound(ApiError):
    """404: wrong path."""

    outcome = Outcome.NOT_FOUND
    remedy = "check api.base_url: it ends in /api/v1/partner"


class ClientError(ApiError):
    """Any other 4xx."""

    outcome = Outcome.CLIENT_ERROR
    remedy = "the API refused the request; look for a newer release of the exporter"


class ServerError(ApiError):
    """5xx, or a status that HTTP does not know."""

    outcome = Outcome.SERVER_ERROR
    remedy = "the fault is on Vobiz's side; ask Vobiz if it lasts"


class Malformed(ApiError):
    """The answer is not one of the Partner API's: no JSON object, nothing of what was asked for, another account's."""

    outcome = Outcome.MALFORMED
    remedy = "check that api.base_url is the Partner API and no proxy or login page answers in its place"


class TooLarge(ApiError):
    """The unpacked body is larger than ``api.max_body``."""

    outcome = Outcome.TOO_LARGE
    remedy = "raise api.max_body if the account really is that large"


class OutOfMemory(TooLarge):
    """There was not enough memory for the answer."""

    remedy = "give the process more memory, or set api.max_body to what it has room for"
