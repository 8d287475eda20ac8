"""Dashboards for the exporter's metrics, and the program that writes them."""
