"""Snapshots as Prometheus metrics: the catalogue, the values, and a thin collector."""
