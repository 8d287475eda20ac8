"""What the labels of the metrics may say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from docs.generator.tables import code
from exporter.api.errors import Outcome
from exporter.api.model import DIRECTIONS
from exporter.api.reports import PRODUCTS
from exporter.config.model import PERIODS
from exporter.poll.causes import SOURCES
from exporter.poll.reconcile import CHECKS
from exporter.poll.snapshot import ENDPOINTS


def _closed(values: Iterable[str]) -> str:
    return ", ".join(map(code, values))


LABELS: Mapping[str, str] = {
    "partner": "`name` of the configuration, else the partner's `auth_id`",
    "endpoint": f"{_closed(ENDPOINTS)}; `me`, `accounts` and `cdrs` where `collect` asks for them",
    "outcome": _closed(outcome.value for outcome in Outcome),
    "period": f"{_closed(PERIODS)}; those of `poll.periods`",
    "direction": f"{_closed(DIRECTIONS)}; `vobiz_period_answer_ratio` also has `all`, as ratios do not add up",
    "product": f"{_closed(PRODUCTS)}, and others if the API comes to list them, 16 at most",
    "status": f"{_closed(('active', 'inactive'))}; of `vobiz_customers` also {_closed(('disabled', 'unknown'))}",
    "kyc_status": "as the API names it, the ten most frequent, `other` and `unknown`",
    "answered": _closed(("true", "false")),
    "cause": "why a call ended, as the API words it: 40 by name, then `other`",
    "source": f"who ended the call: {_closed(SOURCES)}, `other`",
    "account_id": "the customer's `MA_...`",
    "name": "the customer's name, only with `customers.names: true`",
    "currency": "as the API states it, such as `INR`; empty if it does not",
    "check": _closed(CHECKS),
    "alert": "a key of [`alerts`](configuration.md#alert-thresholds)",
    "auth_id": "the partner's `PA_...`",
    "slug": "the partner's short name, as the API states it",
    "billing_model": "as the API states it, such as `direct`",
    "version": "of the exporter",
    "revision": "the commit it was built from, if the builder set `VOBIZ_EXPORTER_REVISION`",
    "python_version": "such as `3.13.1`",
}
"""By label: all its values where they are a closed set, else where they come from."""
