"""What can go wrong with one request to the Partner API, each with its closed outcome and its wording.

``str(error)`` is one line: what happened and what to do. It never holds a header, a body, or a credential; of a body
at most the API's own error message, without what could be personal data.
"""

from __future__ import annotations

import traceback
from enum import Enum


class Outcome(str, Enum):
    """How a request ended: the values of the ``outcome`` label, a closed set.

    ``happened`` says what such a failure is; ``lasting`` ones need a person, others may pass.
    """

    happened: str
    lasting: bool

    def __new__(cls, value: str, happened: str = "", lasting: bool = False) -> Outcome:
        outcome = str.__new__(cls, value)
        outcome._value_, outcome.happened, outcome.lasting = value, happened, lasting
        return outcome

    SUCCESS = "success"
    TIMEOUT = "timeout", "Vobiz did not answer in time"
    CONNECTION = "connection", "No connection to Vobiz"
    TLS = "tls", "No trusted encrypted connection to Vobiz", True
    REDIRECT = "redirect", "Vobiz's address redirects elsewhere", True
    UNAUTHORIZED = "unauthorized", "The credentials do not work", True
    FORBIDDEN = "forbidden", "The credentials are valid but lack the permission (403)", True
    NOT_FOUND = "not_found", "Vobiz does not know the address (404)", True
    RATE_LIMITED = "rate_limited", "Vobiz asks for fewer requests (429)"
    CLIENT_ERROR = "client_error", "Vobiz does not accept the request (4xx)", True
    SERVER_ERROR = "server_error", "Vobiz has a fault on its side (5xx)"
    MALFORMED = "malformed", "The answer cannot be used"
    TOO_LARGE = "too_large", "Vobiz's answer is larger than allowed", True

    @property
    def remedy(self) -> str:
        """What to do about it, unless the error knows better."""
        return _REMEDIES[self]


_REMEDIES = {
    Outcome.TIMEOUT: "check the network or raise api.timeout",
    Outcome.CONNECTION: "check DNS, proxy, firewall and api.base_url",
    Outcome.TLS: "check api.base_url, this machine's clock and the CA bundle (REQUESTS_CA_BUNDLE)",
    Outcome.REDIRECT: "check api.base_url: redirects are never followed, to keep the token safe",
    Outcome.UNAUTHORIZED: "check auth_id and auth_token: they must be a partner's PA_ pair, not a customer's MA_ pair",
    Outcome.FORBIDDEN: "ask Vobiz to allow it for this partner",
    Outcome.NOT_FOUND: "check api.base_url: it ends in /api/v1/partner",
    Outcome.RATE_LIMITED: "raise poll.interval",
    Outcome.CLIENT_ERROR: "look for a newer release of the exporter",
    Outcome.SERVER_ERROR: "ask Vobiz",
    Outcome.MALFORMED: "check that api.base_url is the Partner API and no proxy or login page answers in its place",
    Outcome.TOO_LARGE: "check that it is Vobiz that answers, and ask Vobiz",
}

REFUSALS = (Outcome.UNAUTHORIZED, Outcome.FORBIDDEN, Outcome.RATE_LIMITED)
"""After one of these, the next request waits longer."""

MAX_RETRY_AFTER = 900.0
"""Seconds; a longer wait is cut to this, so that no answer can silence the exporter."""


class Cancelled(Exception):
    """The program is stopping; it ended this request itself. No ApiError: the API is not to blame."""


class ApiError(Exception):
    """A request that brought no usable answer.

    ``reason`` says what happened, ``remedy`` what a person can do about it; both are one line without secrets.
    ``retry_after`` is how many seconds the API asked to wait, if it said so, at most :data:`MAX_RETRY_AFTER`.
    """

    def __init__(self, outcome: Outcome, reason: str, *, remedy: str = "", retry_after: float | None = None) -> None:
        self.outcome, self.reason, self.retry_after = outcome, reason, retry_after
        self.remedy = remedy or outcome.remedy
        super().__init__(f"{reason}; {'' if outcome.lasting else 'if it lasts, '}{self.remedy}")

    @property
    def to_do(self) -> str:
        """The remedy as a sentence of its own."""
        if self.outcome.lasting:
            return f"{self.remedy[:1].upper()}{self.remedy[1:]}."
        return f"It is tried again at the next poll. If it lasts, {self.remedy}."


def defect(error: Exception) -> ApiError:
    """A defect of the exporter itself, named by its place: what an exception says may hold anything."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    reason = f"a defect of the exporter: {type(error).__name__} at {last.filename}:{last.lineno}"
    remedy = "please report this defect of the exporter, with its line of the log"
    return ApiError(Outcome.MALFORMED, reason, remedy=remedy)
