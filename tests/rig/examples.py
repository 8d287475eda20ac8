"""How many examples are tried: ``HYPOTHESIS_PROFILE=thorough`` tries 30 times as many, ``quick`` a tenth.

Only ``thorough`` draws other examples each time. In everyday runs, what a change breaks is what it is blamed for.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

QUICK = os.environ.get("HYPOTHESIS_PROFILE") == "quick"
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
TIMEOUT = 3600 if THOROUGH else 120
"""Seconds for a test."""


def examples(number: int) -> settings:
    """Settings for this many examples in everyday runs; nothing is left on disk."""
    return settings(
        max_examples=number * 30 if THOROUGH else max(number // 10, 3) if QUICK else number,
        deadline=None,
        derandomize=not THOROUGH,
        phases=[phase for phase in Phase if THOROUGH or phase is not Phase.explain],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
