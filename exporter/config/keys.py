"""Keys: a field of a dataclass says all that there is to say about a key of a file.

The reader, the references in docs/, config.example.yaml and config.schema.json are made from these fields alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from types import UnionType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from exporter.config.kinds import Kind
from exporter.config.yaml import join


def key(
    default: Any,
    help: str,
    *,
    example: str = "",
    otherwise: str = "",
    unit: str = "",
    name: str = "",
    repr: bool = True,
    **more: Any,
) -> Any:
    """A key with a single value or a list of them. ``help`` is a sentence or more, without the full stop at its end.

    ``example`` is YAML, by default the default; ``otherwise`` says in which case the default is another one; ``name``
    is how the file spells it, where that is no name in Python. ``more`` is for whoever reads the model.
    """
    about = {"help": help, "example": example, "otherwise": otherwise, "unit": unit, "name": name, **more}
    return field(default=default, repr=repr, metadata=about)


def section(default: Callable[[], Any], help: str, *, inherits: bool = False, name: str = "", repr: bool = True) -> Any:
    """A key with a mapping of its own keys. With ``inherits``, those that are not given are as at the top."""
    return field(default_factory=default, repr=repr, metadata={"help": help, "inherits": inherits, "name": name})


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key. ``path`` is dotted, with ``[]`` for the items of a list; ``attribute`` is the field's name in Python.

    A single value has a ``kind``, a section a ``model``; where there are several, ``container`` is ``list`` or
    ``mapping``.
    """

    path: str
    attribute: str
    kind: Kind | None
    model: type[Any] | None
    container: str
    default: Any
    about: Mapping[str, Any]

    @property
    def item(self) -> Key:
        """What one item of the list is."""
        return replace(self, container="")

    @property
    def is_list(self) -> bool:
        """Whether it takes several, in order."""
        return self.container == "list"

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]

    @property
    def type(self) -> str:
        """What its value is, in words."""
        if self.kind is None:
            return "a list of mappings" if self.is_list else "a mapping"
        return f"a list of {self.kind.name.removeprefix('a ')}s" if self.is_list else self.kind.name

    @property
    def help(self) -> str:
        """What it is for."""
        return str(self.about["help"])

    @property
    def written_default(self) -> str:
        """The default as YAML; empty where there is none."""
        if self.kind is None or self.default is None:
            return ""
        if self.is_list:
            return f"[{', '.join(map(self.kind.write, self.default))}]"
        return self.kind.write(self.default)

    @property
    def example(self) -> str:
        """A value as YAML."""
        return self.about.get("example") or self.written_default

    @property
    def expected(self) -> str:
        """What a message says of a value that is none."""
        if self.model is not None:
            return f"expected a {'list' if self.is_list else 'mapping'} of {', '.join(_names(self.model))}"
        assert self.kind is not None  # noqa: S101 - one of both
        kind = f"a {self.container}" if self.container else self.kind.name
        return f"expected {kind} such as {self.example}" if self.example else f"expected {kind}"


def keys_in(model: type[Any], path: str = "") -> Iterator[Key]:
    """The keys of one section, in the order in which they are best explained."""
    hints = get_type_hints(model, include_extras=True)
    for one in fields(model):
        if "help" not in one.metadata:
            continue
        hint = hints[one.name]
        hint = get_args(hint)[0] if get_origin(hint) is UnionType else hint
        container = {tuple: "list", Mapping: "mapping"}.get(get_origin(hint), "")
        inner = get_args(hint)[container == "mapping"] if container else hint
        yield Key(
            path=join(path, one.metadata.get("name") or one.name),
            attribute=one.name,
            kind=kind_of(inner),
            model=inner if isinstance(inner, type) and is_dataclass(inner) else None,
            container=container,
            default=None if one.default is MISSING else one.default,
            about=one.metadata,
        )


def all_keys(model: type[Any], path: str = "") -> Iterator[Key]:
    """The keys of a section and of all sections in it."""
    for one in keys_in(model, path):
        yield one
        if one.model is not None and not one.about.get("inherits"):
            yield from all_keys(one.model, f"{one.path}[]" if one.is_list else one.path)


def kind_of(hint: Any) -> Kind | None:
    """The kind in an annotation, if it has one."""
    extras = hint.__metadata__ if get_origin(hint) is Annotated else ()
    return next((extra for extra in extras if isinstance(extra, Kind)), None)


def _names(model: type[Any]) -> list[str]:
    return [one.name for one in keys_in(model)]
