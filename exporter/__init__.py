"""Prometheus exporter for the Vobiz Partner API."""

__version__ = "0.1.0"
