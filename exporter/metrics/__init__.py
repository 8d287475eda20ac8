"""Snapshots as Prometheus metrics: the catalogue, the values, and a thin collector."""

from __future__ import annotations

from exporter.metrics.catalogue import CATALOGUE, Metric
from exporter.metrics.collector import SnapshotCollector, families

__all__ = ["CATALOGUE", "Metric", "SnapshotCollector", "families"]
