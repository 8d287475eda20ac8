"""Writes the dashboards in ``grafana/dashboards/`` and the example of Grafana-managed alerts.

``python -m grafana.generator`` writes, ``python -m grafana.generator --check`` says what is out of date. Needs
grafana-foundation-sdk 0.0.21 and Python 3.11 or later; Grafana reads what is committed and needs neither.

``panels`` and ``frame`` hold the house style, ``overview``, ``traffic`` and ``health`` one dashboard each, ``rules``
reads thresholds and alerts from the rule files, so that no number is written down twice.
"""
