"""What can go wrong with one request to the Partner API, each with its closed outcome.

The tree::

    ApiError
    |-- RequestTimeout      timeout        the whole request took longer than api.timeout
    |-- ConnectionFailed    connection     refused, reset, unresolvable, or an answer cut short
    |-- TlsFailed           tls            no trusted encrypted connection
    |-- Redirected          redirect       3xx: never followed, the token would travel along
    |-- Refusal                            the next poll waits longer
    |   |-- Unauthorized    unauthorized   401
    |   |-- Forbidden       forbidden      403
    |   `-- RateLimited     rate_limited   429
    |-- NotFound            not_found      404
    |-- ClientError         client_error   any other 4xx
    |-- ServerError         server_error   5xx, or a status HTTP does not know
    |-- Malformed           malformed      the body is not a JSON object
    `-- TooLarge            too_large      the unpacked body is larger than api.max_body
        `-- OutOfMemory                    or than the memory that is left

:class:`Cancelled` stands apart: the program itself ended the request, and the API is not to blame. So does
:class:`StartError`, which ends a command before it has begun.

``str(error)`` is one line: what happened and what to do. It never holds a header, a body, or a credential.
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
    """The program is stopping; it ended this request itself."""


class StartError(Exception):
    """A command cannot do its work; one line that says why and what to do."""


class RequestTimeout(ApiError):
    """The whole request, body included, took longer than ``api.timeout``."""

    outcome = Outcome.TIMEOUT
    remedy = "retried at the next poll; if it lasts, check the network or raise api.timeout"


class ConnectionFailed(ApiError):
    """No connection, a broken one, or an answer that ended before it was complete."""

    outcome = Outcome.CONNECTION
    remedy = "retried at the next poll; if it lasts, check DNS, proxy, firewall and api.base_url"


class TlsFailed(ApiError):
    """The server's certificate is not trusted, or no encrypted connection came about."""

    outcome = Outcome.TLS
    remedy = "check api.base_url, this machine's clock and the CA bundle (REQUESTS_CA_BUNDLE)"


class Redirected(ApiError):
    """A redirect, which is never followed: the token would travel to wherever it points."""

    outcome = Outcome.REDIRECT
    remedy = "redirects are never followed, to keep the token safe; check api.base_url"


class Refusal(ApiError):
    """The API asks for restraint; ``retry_after`` is how many seconds it asked for, if it said so."""

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
    remedy = "polls slow down by themselves; if it lasts, raise poll.interval"


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
    remedy = "the fault is on Vobiz's side; retried at the next poll"


class Malformed(ApiError):
    """The body is not a JSON object."""

    outcome = Outcome.MALFORMED
    remedy = "check that api.base_url is the Partner API and no proxy or login page answers in its place"


class TooLarge(ApiError):
    """The unpacked body is larger than ``api.max_body``."""

    outcome = Outcome.TOO_LARGE
    remedy = "raise api.max_body if the account really is that large"


class OutOfMemory(TooLarge):
    """There was not enough memory for the answer."""

    remedy = "give the process more memory, or set api.max_body to what it has room for"
