"""Answers of the Partner API, bytes to model: pure, lenient field by field, exact about what it could not read."""

from __future__ import annotations

from exporter.parse.reports import parse_analytics, parse_dashboard
from exporter.parse.wallets import accounts_parser, parse_me

__all__ = ["accounts_parser", "parse_analytics", "parse_dashboard", "parse_me"]
