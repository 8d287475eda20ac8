"""The web server and the pages on it."""

from __future__ import annotations

from exporter.web.config_file import WebConfig, read_web_config
from exporter.web.http import Handler, Request, Response, WebConfigError, WebServerError, application, plain, text
from exporter.web.listen import parse_listen_address
from exporter.web.security import check_web_config
from exporter.web.server import Limits, WebServer

__all__ = [
    "Handler",
    "Limits",
    "Request",
    "Response",
    "WebConfig",
    "WebConfigError",
    "WebServer",
    "WebServerError",
    "application",
    "check_web_config",
    "parse_listen_address",
    "plain",
    "read_web_config",
    "text",
]
