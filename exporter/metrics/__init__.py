"""Snapshots as Prometheus metrics: the catalogue, the values, and a thin collector."""

from __future__ import annotations

from exporter.metrics.catalogue import CATALOGUE, GROUPS
from exporter.metrics.collector import Families, SnapshotCollector
from exporter.metrics.metric import Metric

__all__ = ["CATALOGUE", "GROUPS", "Families", "Metric", "SnapshotCollector"]
