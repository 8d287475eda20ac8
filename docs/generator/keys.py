"""The keys of the configuration file, as the fields of the model say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, get_args, get_origin

from exporter.config.kinds import Kind
from exporter.config.reader import kind_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key. ``path`` is dotted, with ``[]`` for the items of a list; it has a ``kind``, or is a section."""

    path: str
    kind: Kind | None
    model: type[Any] | None
    is_list: bool
    default: Any
    about: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]

    @property
    def help(self) -> str:
        """What it is for."""
        return str(self.about["help"])

    @property
    def written_default(self) -> str:
        """The default as YAML; empty where there is none."""
        if self.kind is None or self.default is None:
            return ""
        return f"[{', '.join(map(self.kind.write, self.default))}]" if self.is_list else self.kind.write(self.default)

    @property
    def example(self) -> str:
        """A value as YAML."""
        return self.about.get("example") or self.written_default

    @property
    def has_default(self) -> bool:
        """Whether its default is the same in every file."""
        return bool(self.written_default) and not self.about.get("otherwise") and not self.about.get("inherits")


def keys_in(model: type[Any], path: str = "") -> Iterator[Key]:
    """The keys of one section, in the order in which they are best explained."""
    for one in fields(model):
        if "help" not in one.metadata:
            continue
        is_list = get_origin(one.type) is tuple
        hint = get_args(one.type)[0] if is_list else one.type
        yield Key(
            path=f"{path}.{one.name}" if path else one.name,
            kind=kind_of(hint),
            model=hint if is_dataclass(hint) else None,  # type: ignore[arg-type]
            is_list=is_list,
            default=one.default,
            about=one.metadata,
        )


def all_keys(model: type[Any], path: str = "") -> Iterator[Key]:
    """The keys of a section and of all sections in it."""
    for one in keys_in(model, path):
        yield one
        if one.model is not None and not one.about.get("inherits"):
            yield from all_keys(one.model, f"{one.path}[]" if one.is_list else one.path)
