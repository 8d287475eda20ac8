"""The web server and the pages on it."""

from __future__ import annotations

from exporter.web.config_file import WebConfig, read_web_config
from exporter.web.connections import Limits
from exporter.web.errors import WebConfigError, WebServerError
from exporter.web.http import App, Request, Response, plain
from exporter.web.listen import parse_listen_address
from exporter.web.security import check_web_config
from exporter.web.server import WebServer

__all__ = [
    "App",
    "Limits",
    "Request",
    "Response",
    "WebConfig",
    "WebConfigError",
    "WebServer",
    "WebServerError",
    "check_web_config",
    "parse_listen_address",
    "plain",
    "read_web_config",
]
