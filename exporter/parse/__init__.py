"""Answers of the Partner API, bytes to model: pure, lenient field by field, exact about what it could not read."""

from __future__ import annotations

from exporter.parse.reports import parse_analytics, parse_dashboard

__all__ = ["parse_analytics", "parse_dashboard"]
