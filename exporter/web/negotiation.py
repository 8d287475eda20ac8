"""What a client would rather have, of what the metrics page can be given in (RFC 9110, 12.4 and 12.5)."""

from __future__ import annotations

import re
from collections.abc import Callable

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

Encoder = Callable[[CollectorRegistry], bytes]

_OPENMETRICS, _TEXT = "application/openmetrics-text", "text/plain"

_MADE = {_OPENMETRICS: ("", "1.0.0"), _TEXT: ("", "0.0.4", "1.0.0"), "text/*": ("",), "*/*": ("",)}
"""The versions of each format that are made; none stated is the client library's choice."""

_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?", re.ASCII)


def metrics_format(accept: str) -> tuple[Encoder, str]:
    """Encoder and content type for an ``Accept`` header: of what can be made, what weighs most, the first of equals.

    The plain text format for a header that names nothing of it, as other exporters do.
    """
    for element in _by_weight(accept):
        media_type, parameters = _split(element)
        version = parameters.get("version", "")
        if version in _MADE.get(media_type, ()):
            # The client library knows escaping and content types, but not weights: it gets to see one choice.
            return choose_encoder(f"{media_type};version={version};escaping={parameters.get('escaping', '')}")
    return choose_encoder("")


def accepts_gzip(header: str) -> bool:
    """Whether an ``Accept-Encoding`` header allows gzip; what it names counts for more than its ``*``."""
    weights = {coding: _weight(parameters) for coding, parameters in map(_split, header.split(","))}
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _by_weight(header: str) -> list[str]:
    weighed = [(_weight(_split(element)[1]), element) for element in header.split(",")]
    wanted = [(weight, element) for weight, element in weighed if weight > 0]
    return [element for _, element in sorted(wanted, key=lambda pair: -pair[0])]


def _split(element: str) -> tuple[str, dict[str, str]]:
    value, *parameters = (part.strip() for part in element.lower().split(";"))
    pairs = (parameter.partition("=") for parameter in parameters)
    return value, {name.strip(): text.strip().strip('"') for name, _, text in pairs}


def _weight(parameters: dict[str, str]) -> float:
    """The ``q`` of an element, 1 without one; one that cannot be read weighs nothing."""
    weight = parameters.get("q", "1")
    return float(weight) if _WEIGHT.fullmatch(weight) else 0.0
