"""How many examples are tried: ``HYPOTHESIS_PROFILE=thorough`` tries 30 times as many, ``quick`` a tenth."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

QUICK = os.environ.get("HYPOTHESIS_PROFILE") == "quick"
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
TIMEOUT = 3600 if THOROUGH else 120
"""Seconds for a test."""


def examples(number: int, *, derandomize: bool = False) -> settings:
    """Settings for this many examples in everyday runs; nothing is left on disk."""
    return settings(
        max_examples=number * 30 if THOROUGH else max(number // 10, 3) if QUICK else number,
        deadline=None,
        derandomize=derandomize,
        phases=[phase for phase in Phase if THOROUGH or phase is not Phase.explain],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
