"""One line an event, on stderr: logfmt for people and grep, JSON for collectors.

A record's message is the event in plain words; what belongs to it comes as ``extra`` fields::

    log.warning("vobiz poll failed", extra={"partner": "acme", "outcome": "timeout"})
    ts=2026-07-01T03:04:05.678Z level=warning msg="vobiz poll failed" partner=acme outcome=timeout
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import traceback
from datetime import datetime, timezone
from pathlib import Path
from typing import TextIO

FORMATS = ("logfmt", "json")
LEVELS = ("debug", "info", "warning", "error", "warn")
"""The last is what other exporters call warning."""

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_PLAIN = re.compile(r"[A-Za-z0-9_.:/@%+,*\[\]()#?&;~^$|<>!{}-]+", re.ASCII)


def configure(*, level: str, style: str, stream: TextIO | None = None) -> None:
    """Send this program's log to ``stream`` (stderr) from ``level`` up; other libraries' only from warning up."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if style == "json" else LogfmtFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("exporter").setLevel(level.upper())
    for library in ("urllib3", "requests"):
        logging.getLogger(library).setLevel(logging.CRITICAL)


class LogfmtFormatter(logging.Formatter):
    """``key=value`` pairs; values with blanks or quotes are quoted, line breaks escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        return " ".join(f"{key}={_quoted(str(value))}" for key, value in _fields(record).items())


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        return json.dumps(_fields(record), default=str)


def _fields(record: logging.LogRecord) -> dict[str, object]:
    at = datetime.fromtimestamp(record.created, timezone.utc)
    fields: dict[str, object] = {
        "ts": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "msg": record.getMessage(),
    }
    fields |= {key: value for key, value in vars(record).items() if key not in _STANDARD and value is not None}
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        fields |= {"error": type(error).__name__, "where": where(error)}
        if isinstance(error, OSError) and isinstance(error.errno, int):
            fields["problem"] = os.strerror(error.errno)
    return fields


def where(error: BaseException) -> str:
    """Where an exception came from. What it says may be part of an answer, or a secret."""
    frames = traceback.walk_tb(error.__traceback__)  # unlike extract_tb it opens no file: these may have run out
    return ", ".join(f"{Path(frame.f_code.co_filename).name}:{line}" for frame, line in frames)


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)
