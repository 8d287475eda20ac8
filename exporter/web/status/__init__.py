"""The status page for people, and the same facts for machines."""

from __future__ import annotations

from exporter.web.status.api import status_api
from exporter.web.status.page import status_page

__all__ = ["status_api", "status_page"]
