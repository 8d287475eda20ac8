"""From a YAML file to a model made of :mod:`~exporter.config.kinds`, with every problem at once.

A model may have a method ``objections()``: place, reason and remedy for values that are right one by one, but not
together. It is asked even if some values could not be read: those have their defaults, and are None in a list. What it
says of a key of the section itself is then dropped, for it may follow from a default; what it says of a place further
down is not. Annotations must be objects: a module that defines a model has no ``from __future__ import annotations``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Annotated, Any, TypeVar, get_args, get_origin

from exporter.config.errors import Invalid, Place, suggestion
from exporter.config.kinds import Kind
from exporter.config.yaml import Document, Scalar, Tree, found

Objection = tuple[Place, str, str]
"""What is wrong below a section, why, and what to do."""

M = TypeVar("M")


def structure(document: Document, model: type[M], *, here: bool = False) -> M:
    """The model in a document. Raises :class:`~exporter.config.errors.ConfigError` if it has problems, old or new.

    ``here``: also if a section has ``objections_here()``, which are about this machine.
    """
    value: M = _Reader(document, model, here=here).read(document.root, model, ())
    document.raise_if_wrong()
    return value


def kind_of(hint: Any) -> Kind | None:
    """The kind in an annotation, if it has one."""
    extras = hint.__metadata__ if get_origin(hint) is Annotated else ()
    return next((extra for extra in extras if isinstance(extra, Kind)), None)


class _Reader:
    """Goes through the fields of a model; each problem is reported to the document, and reading goes on."""

    def __init__(self, document: Document, model: type[Any], *, here: bool) -> None:
        self._document = document
        self._everywhere = list(_paths(model))
        self._objections = ("objections", "objections_here") if here else ("objections",)

    def read(self, tree: Tree, hint: Any, place: Place) -> Any:
        """The value of a field that is annotated so; None if it has a problem."""
        if get_origin(hint) is UnionType:  # what may be left out, but not be written as nothing
            hint = get_args(hint)[0]
        kind, container = kind_of(hint), get_origin(hint)
        try:
            if kind is not None:
                return kind.read(tree)
            if is_dataclass(hint):
                return self._section(tree, hint, place)
            if container is tuple:
                item, items = get_args(hint)[0], _typed(tree, list, "a list")
                values = [self.read(one, item, (*place, at)) for at, one in enumerate(items)]
                return tuple(dict.fromkeys(values) if kind_of(item) else values)
            item, items = get_args(hint)[1], _typed(tree, dict, "a mapping")
            return _readable({name: self.read(one, item, (*place, name)) for name, one in items.items()})
        except Invalid as error:
            self._document.report(error, place)
            return None

    def _section(self, tree: Tree, model: Any, place: Place) -> Any:
        hints = {one.name: one.type for one in fields(model) if "help" in one.metadata}
        section = _typed(tree, dict, f"a mapping of {', '.join(hints)}")
        unknown = [name for name in section if name not in hints]
        for name in unknown:
            remedy = suggestion(name, list(hints), elsewhere=self._everywhere)
            self._document.report(Invalid("unknown key", remedy), (*place, name))
        read = {name: self.read(section[name], hints[name], (*place, name)) for name in hints if name in section}
        known = _readable(read)
        complete = not unknown and all(name in known or is_dataclass(hints[name]) for name in read)
        value = model(**known)
        for method in (getattr(value, name) for name in self._objections if hasattr(value, name)):
            for path, reason, remedy in method():
                if complete or len(path) > 1:
                    self._document.report(Invalid(reason, remedy), (*place, *path))
        return value if complete else None


def _readable(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _typed(tree: Tree, kind: type[Any], expected: str) -> Any:
    """The tree, if it is of this kind; nothing at all is an empty section or list."""
    if isinstance(tree, Scalar) and tree.type == "null":
        return kind()
    if not isinstance(tree, kind):
        raise Invalid(f"found {found(tree)}", f"expected {expected}")
    return tree


def _paths(model: type[Any], start: str = "") -> Iterator[str]:
    """The dotted paths of a model's keys, without those in lists."""
    for one in fields(model):
        if "help" in one.metadata:
            yield start + one.name
            if is_dataclass(one.type):
                yield from _paths(one.type, f"{start}{one.name}.")  # type: ignore[arg-type]
