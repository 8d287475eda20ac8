"""Why calls end, as call records word it: the documented words and codes, and how often each is usual."""

from __future__ import annotations

import random
from dataclasses import dataclass

from .chance import binomial


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """``word`` is ``hangup_cause`` (Q.850), ``name`` and ``code`` are the carrier's own; ``source`` who ended it.

    ``status`` is what ``/cdrs`` filters by; ``failure`` a SIP status, None where nothing failed.
    """

    word: str
    name: str
    code: int
    source: str
    status: str
    failure: int | None = None


def _answered(source: str, name: str = "Normal Hangup", code: int = 4000) -> Cause:
    return Cause(word="NORMAL_CLEARING", name=name, code=code, source=source, status="answered")


def _failed(word: str, name: str, code: int, source: str, failure: int, status: str = "failed") -> Cause:
    return Cause(word=word, name=name, code=code, source=source, status=status, failure=failure)


OUT_OF_CREDITS = _failed("ORIGINATOR_CANCEL", "Canceled (Out Of Credits)", 1010, "Vobiz", 402)
REJECTED_BY_CARRIER = _failed("CALL_REJECTED", "Rejected", 3020, "Carrier", 603)
BLOCKED_AS_SPAM = _failed("USER_BUSY", "User Busy", 3010, "Carrier", 486, "busy")
"""A spam filter of one carrier blocks the caller's number."""

NETWORK_DOWN = _failed("NETWORK_OUT_OF_ORDER", "Network Error", 5010, "Carrier", 503)

ANSWERED = (
    (_answered("Caller"), 0.52),
    (_answered("Call recipient"), 0.40),
    (_answered("Answer XML", "End Of XML Instructions", 4010), 0.08),
)
FAILED = (
    (_failed("NO_ANSWER", "No Answer", 3000, "Call recipient", 480, "no_answer"), 0.52),
    (_failed("USER_BUSY", "User Busy", 3010, "Call recipient", 486, "busy"), 0.22),
    (_failed("ORIGINATOR_CANCEL", "Canceled", 1000, "Caller", 487), 0.12),
    (_failed("UNALLOCATED_NUMBER", "Invalid Destination Address", 2000, "Carrier", 404), 0.06),
    (BLOCKED_AS_SPAM, 0.04),
    (REJECTED_BY_CARRIER, 0.02),
    (_failed("UNKNOWN", "Unknown", 0, "Unknown", 500), 0.02),
)


def draw_causes(rng: random.Random, calls: int, *, answered: bool) -> list[tuple[Cause, int]]:
    """Draw how many of some calls ended for which cause, where nothing is out of the ordinary."""
    drawn, left, shares = [], calls, 1.0
    for cause, share in ANSWERED if answered else FAILED:
        number = binomial(rng, left, min(1.0, share / shares)) if shares > share else left
        left, shares = left - number, shares - share
        if number:
            drawn.append((cause, number))
        if not left:
            break
    if left:
        drawn.append(((ANSWERED if answered else FAILED)[-1][0], left))
    return drawn
