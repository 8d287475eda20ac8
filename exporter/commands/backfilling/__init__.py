"""Past days as OpenMetrics, so that day-by-day panels work on the first day."""

from __future__ import annotations

from exporter.commands.backfilling.days import Day, days_of_dashboard
from exporter.commands.backfilling.fetch import BackfillError, fetch_days
from exporter.commands.backfilling.journal import Journal
from exporter.commands.backfilling.openmetrics import write_openmetrics

__all__ = ["BackfillError", "Day", "Journal", "days_of_dashboard", "fetch_days", "write_openmetrics"]
