"""``${NAME}`` in the strings of the configuration file."""

from __future__ import annotations

import re
from collections.abc import Mapping

from exporter.config.errors import Invalid, shown

_REFERENCE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>[^}]*)(?P<closed>\}?)|(?P<bare>[A-Za-z_]))", re.ASCII)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def interpolate(text: str, environ: Mapping[str, str]) -> str:
    """``text`` with every ``${NAME}`` replaced from ``environ``, once, and ``$$`` by ``$``.

    Raises :class:`~exporter.config.errors.Invalid` for a variable that is not set, for braces that name none, and for
    a ``$NAME`` without braces, which shells would replace and this file would not.
    """

    def value(match: re.Match[str]) -> str:
        if match["dollar"]:
            return "$"
        if match["bare"]:
            raise Invalid(
                "a $NAME without braces", "write ${NAME} for an environment variable, or $$ for a dollar sign"
            )
        name = match["name"]
        if not match["closed"] or not _NAME.fullmatch(name):
            raise Invalid(
                "a ${ that names no environment variable",
                "write ${NAME} in letters, digits and underscores, or $$ for a dollar sign",
            )
        if name not in environ:
            raise Invalid(
                f"environment variable {name if name.isupper() else shown(name)} is not set",
                "set it where the exporter is started, or write $$ for a dollar sign",
            )
        return environ[name]

    return _REFERENCE.sub(value, text)
