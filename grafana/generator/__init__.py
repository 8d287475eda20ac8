"""Writes the dashboards in ``grafana/dashboards/``.

``python -m grafana.generator`` writes, ``--check`` names what is out of date, ``--export DIRECTORY`` writes them as
grafana.com imports them. Needs grafana-foundation-sdk 0.0.21 and Python 3.11 or later; Grafana reads what is committed
and needs neither.

``panels`` and ``frame`` hold the house style, ``queries`` what several panels show, the others one dashboard each;
``rules`` reads thresholds and alerts from the rule files, so that no number is written down twice.
"""
