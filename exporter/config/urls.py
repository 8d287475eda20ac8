"""Where the Partner API is, and whether the token may go there."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from exporter.config.errors import Invalid


def url_from(text: str) -> str:
    """An http or https URL without a slash at its end.

    Raises :class:`~exporter.config.errors.Invalid`, also where it has user information, a query or a fragment: paths
    are put after it, and credentials have keys of their own.
    """
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
    """Whether a URL that :func:`url_from` let pass sends its requests unencrypted over a network."""
    return _split(url).scheme == "http" and not is_on_this_machine(url)


def is_on_this_machine(url: str) -> bool:
    """Whether a URL that :func:`url_from` let pass names the loopback interface."""
    host = _split(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


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
