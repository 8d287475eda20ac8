"""Past days as OpenMetrics, so that day-by-day panels work on the first day."""

from __future__ import annotations

from exporter.backfill.days import Day, days_of_dashboard
from exporter.backfill.fetch import BackfillError, fetch_days
from exporter.backfill.journal import Journal
from exporter.backfill.openmetrics import write_openmetrics

__all__ = ["BackfillError", "Day", "Journal", "days_of_dashboard", "fetch_days", "write_openmetrics"]
