"""The type that keeps a secret from being printed, and what may be one."""

from __future__ import annotations

import hmac
import re
from typing import NoReturn

from exporter.config.errors import Invalid

# It is sent as the value of an HTTP header.
_SENDABLE = re.compile("[!-~]+")


class Secret:
    """Text that shows itself only when asked to: :meth:`reveal` is what to look for in a review."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """The secret itself, to be sent and nothing else."""
        return self.__value

    def __repr__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.__value.encode(), other.__value.encode())

    __hash__ = None  # type: ignore[assignment]

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is neither pickled nor copied")


def secret_from(text: str) -> Secret:
    """The secret in ``text``, without the white space around it.

    Raises :class:`~exporter.config.errors.Invalid` if it is empty or could not be sent: it must be printable ASCII
    without a space.
    """
    value = text.strip(" \t\r\n")
    if not value:
        raise Invalid("empty", "give the value that Vobiz issued")
    if not _SENDABLE.fullmatch(value):
        raise Invalid(
            "holds a space, a control character or one outside ASCII",
            "give the value as Vobiz issued it and nothing else",
        )
    return Secret(value)
