"""Draws the dashboards without a Grafana server: ``make preview``."""
