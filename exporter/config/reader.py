"""From a YAML file to a model made of :mod:`~exporter.config.kinds`, with every problem at once.

cattrs goes through the model and collects the errors; this module adds where in the file each of them is. A model may
have a method ``objections()``: place, reason and remedy for values that are right one by one, but not together. It is
asked once all values of its section could be read. Annotations must be objects: a module that defines a model has no
``from __future__ import annotations``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import islice
from types import GenericAlias
from typing import Annotated, Any, TypeVar, get_args, get_origin

from cattrs import (
    AttributeValidationNote,
    BaseValidationError,
    ClassValidationError,
    Converter,
    ForbiddenExtraKeysError,
)
from cattrs.gen import make_dict_structure_fn, override

from exporter.config.errors import MAX_PROBLEMS, Invalid, Place, suggestion
from exporter.config.kinds import Kind
from exporter.config.yaml import Document, Scalar, Tree, found

Objection = tuple[Place, str, str]
"""What is wrong below a section, why, and what to do."""

M = TypeVar("M")
_CONTAINERS: Mapping[Any, type[Any]] = {tuple: list, Mapping: dict}
_Hook = Callable[[Any, Any], Any]


def structure(document: Document, model: type[M]) -> M:
    """The model in a document. Raises :class:`~exporter.config.errors.ConfigError` if it has problems, old or new."""
    try:
        value: M = _converter().structure(document.root, model)
    except BaseValidationError as error:
        for place, problem in islice(_located(error, (), list(_paths(model))), MAX_PROBLEMS + 1):
            document.report(problem, place)
        document.raise_if_wrong()
        raise
    document.raise_if_wrong()
    return value


def kind_of(hint: Any) -> Kind | None:
    """The kind in an annotation, if it has one."""
    extras = hint.__metadata__ if get_origin(hint) is Annotated else ()
    return next((extra for extra in extras if isinstance(extra, Kind)), None)


def keys_of(model: type[Any]) -> list[str]:
    """The keys of a section."""
    return [one.name for one in fields(model) if "help" in one.metadata]


@cache
def _converter() -> Converter:
    """What turns trees into values, by their types."""
    converter = Converter()

    def of_section(model: type[Any]) -> _Hook:
        keys = keys_of(model)
        others: Any = {one.name: override(omit=True) for one in fields(model) if one.name not in keys}
        read = make_dict_structure_fn(model, converter, _cattrs_forbid_extra_keys=True, **others)

        def hook(tree: Tree, _: Any) -> Any:
            value = read(_typed(tree, dict, f"a mapping of {', '.join(keys)}"), model)
            objections = value.objections() if hasattr(value, "objections") else ()
            if wrong := [Invalid(reason, remedy, path=path) for path, reason, remedy in objections]:
                raise ClassValidationError("values that do not go together", wrong, model)
            return value

        return hook

    def of_several(hint: Any) -> _Hook:
        kind = _CONTAINERS[get_origin(hint)]
        inner = GenericAlias(kind, tuple(one for one in get_args(hint) if one is not Ellipsis))
        read = converter.get_structure_hook(inner)

        def hook(tree: Tree, _: Any) -> Any:
            several = read(_typed(tree, kind, found(kind())), inner)
            return several if kind is dict else tuple(dict.fromkeys(several))

        return hook

    def of_value(hint: Any) -> _Hook:
        kind = kind_of(hint)
        assert kind is not None  # noqa: S101 - that is how the hook was chosen
        expected = f"one of {', '.join(kind.choices)}" if kind.choices else f"a {kind.name}"

        def hook(tree: Tree, _: Any) -> Any:
            if not isinstance(tree, Scalar) or tree.type == "null":
                raise Invalid(f"found {found(tree)}", f"expected {expected}")
            return kind.read(tree)

        return hook

    converter.register_structure_hook_factory(is_dataclass, of_section)
    converter.register_structure_hook_factory(lambda hint: get_origin(hint) in _CONTAINERS, of_several)
    converter.register_structure_hook_factory(lambda hint: kind_of(hint) is not None, of_value)
    return converter


def _typed(tree: Tree, kind: type[Any], expected: str) -> Any:
    """The tree, if it is of this kind; nothing at all is an empty section or list."""
    if isinstance(tree, Scalar) and tree.type == "null":
        return kind()
    if not isinstance(tree, kind):
        raise Invalid(f"found {found(tree)}", f"expected {expected}")
    return tree


def _located(error: Exception, place: Place, everywhere: list[str]) -> Iterator[tuple[Place, Invalid]]:
    """The errors in cattrs' tree of them, each with its place; ``place`` is what ``error`` is about."""
    if isinstance(error, ForbiddenExtraKeysError):
        known = keys_of(error.cl)
        for name in sorted(error.extra_fields):
            yield (*place, name), Invalid("unknown key", suggestion(name, known, elsewhere=everywhere))
    elif isinstance(error, BaseValidationError):
        below, here = error.group_exceptions()
        for one, note in below:
            step = note.name if isinstance(note, AttributeValidationNote) else note.index
            yield from _located(one, (*place, step), everywhere)
        for one in here:
            yield from _located(one, place, everywhere)
    elif isinstance(error, Invalid):
        yield place, error
    else:
        raise error


def _paths(model: type[Any], start: str = "") -> Iterator[str]:
    """The dotted paths of a model's keys, without those in lists."""
    for one in fields(model):
        if "help" in one.metadata:
            yield start + one.name
            if is_dataclass(one.type):
                yield from _paths(one.type, f"{start}{one.name}.")  # type: ignore[arg-type]
