"""The address of the Partner API."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from exporter.config import values
from exporter.config.errors import Invalid
from exporter.config.yaml_nodes import Node

_LOOPBACK = IPv4Network("127.0.0.0/8")


def base_url(node: Node, environ: Mapping[str, str]) -> str:
    """An http or https URL without a slash at its end.

    Raises :class:`~exporter.config.errors.Invalid`, also where it has user information, a query or a fragment: paths
    are put after it, and credentials have keys of their own.
    """
    text = values.text(node, environ)
    parts = _split(text)
    if "@" in parts.netloc:
        raise Invalid(
            "has a user or a password in it",
            "remove what is before the @; credentials are partners' auth_id and auth_token",
        )
    if "?" in text or "#" in text:
        raise Invalid("has a query or a fragment", "remove it, from the ? or # on")
    return text.rstrip("/")


def is_plain_to_another_machine(url: str) -> bool:
    """Whether a URL that :func:`base_url` let pass sends its requests unencrypted over a network."""
    return _split(url).scheme == "http" and not is_on_this_machine(url)


def is_on_this_machine(url: str) -> bool:
    """Whether a URL that :func:`base_url` let pass names the loopback interface."""
    return _is_loopback(_split(url).hostname or "")


def _split(text: str) -> SplitResult:
    # urlsplit drops tabs and line breaks without a word.
    if " " not in text and text.isprintable():
        try:
            parts = urlsplit(text)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if usable:
            return parts
    raise Invalid("not an http or https URL")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return address in _LOOPBACK
    return address == IPv6Address("::1")
