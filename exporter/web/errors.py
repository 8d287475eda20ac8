"""Errors of the web server. Each message is one line: what is wrong, where, and what to do."""

from __future__ import annotations


class WebServerError(Exception):
    """The server cannot start, or cannot take a new web configuration, for the reason given in one line."""


class WebConfigError(WebServerError):
    """The web configuration file, or a certificate that it names, cannot be used."""
