"""Snapshots as Prometheus metrics: the catalogue, the values, and a thin collector."""

from __future__ import annotations

from exporter.metrics.catalogue import CATALOGUE, GROUPS, Metric
from exporter.metrics.collector import SnapshotCollector, families

__all__ = ["CATALOGUE", "GROUPS", "Metric", "SnapshotCollector", "families"]
