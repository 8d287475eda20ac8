"""From a YAML file to a model made of :mod:`~exporter.config.keys`, with every problem at once.

cattrs goes through the model and collects the errors; this module says where in the file each of them is. A model may
have a method ``objections()``: triples of key, reason and remedy for values that are right one by one, but not
together. It is asked once all values of its section could be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from types import GenericAlias
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from cattrs import (
    AttributeValidationNote,
    BaseValidationError,
    ClassValidationError,
    Converter,
    ForbiddenExtraKeysError,
    IterableValidationNote,
)
from cattrs.gen import make_dict_structure_fn, override

from exporter.config.errors import Invalid, Problems, suggestion
from exporter.config.keys import Key, all_keys, keys_in, kind_of
from exporter.config.yaml import Items, Node, Scalar, Section, found, is_null, join, parse, read_text

M = TypeVar("M")
N = TypeVar("N", Scalar, Items, Section)
_Hook = Callable[[Any, Any], Any]


def read(file: Path, model: type[M], *, environ: Mapping[str, str] | None = None) -> M:
    """The model that a file holds; an empty file is one without keys.

    Without ``environ``, ``${NAME}`` is ordinary text. Raises :class:`~exporter.config.errors.ConfigError`.
    """
    problems = Problems(file=str(file))
    return structure(read_tree(file, environ=environ, problems=problems), model, problems)


def read_tree(file: Path, *, environ: Mapping[str, str] | None, problems: Problems) -> Section:
    """The mapping in a file. Raises :class:`~exporter.config.errors.ConfigError` if there is none to go on with."""
    try:
        root = parse(read_text(file), environ=environ, problems=problems)
        root = Section(path="", line=1) if root is None else root
        if not isinstance(root, Section):
            raise Invalid(f"found {found(root)}", "write keys and values, as config.example.yaml does", line=root.line)
    except Invalid as error:
        problems.add(error)
        problems.raise_if_any()
        raise AssertionError from error
    return root


def structure(root: Section, model: type[M], problems: Problems) -> M:
    """The model in a tree. Raises :class:`~exporter.config.errors.ConfigError` if there are problems, old or new."""
    try:
        value: M = _converter().structure(root, model)
    except BaseValidationError as error:
        for problem in _located(error, root, None, [key.path for key in all_keys(model)]):
            problems.add(problem)
        problems.raise_if_any()
        raise
    problems.raise_if_any()
    return value


@cache
def _converter() -> Converter:
    """What turns nodes into values, by their types."""
    converter = Converter()

    def of_section(model: type[Any]) -> _Hook:
        names = {key.attribute: key.name for key in keys_in(model)}
        hints = get_type_hints(model, include_extras=True)
        for one in fields(model):
            # cattrs resolves annotations that are strings, but drops what Annotated adds.
            one.type = hints[one.name]
        how: dict[str, Any] = {
            one.name: override(rename=names[one.name]) if one.name in names else override(omit=True)
            for one in fields(model)
        }
        read = make_dict_structure_fn(model, converter, _cattrs_forbid_extra_keys=True, **how)

        def hook(node: Node, _: Any) -> Any:
            value = read(_typed(node, Section, f"expected a mapping of {', '.join(names.values())}"), model)
            objections = value.objections() if hasattr(value, "objections") else ()
            if wrong := [Invalid(reason, remedy, path=key) for key, reason, remedy in objections]:
                raise ClassValidationError("values that do not go together", wrong, model)
            return value

        return hook

    def of_list(hint: Any) -> _Hook:
        inner = GenericAlias(list, get_args(hint)[:1])
        read = converter.get_structure_hook(inner)
        kind = kind_of(get_args(hint)[0])

        def hook(node: Node, _: Any) -> Any:
            nodes = _typed(node, Items)
            items = read(nodes, inner)
            again = [nodes[index] for index, item in enumerate(items) if kind is not None and item in items[:index]]
            reason = f"the same {kind.name.removeprefix('a ')} again" if kind is not None else ""
            if wrong := [Invalid(reason, "name each once", path=one.path, line=one.line) for one in again]:
                raise ClassValidationError("repeated items", wrong, tuple)
            return tuple(items)

        return hook

    def of_names(hint: Any) -> _Hook:
        inner = GenericAlias(dict, (str, *get_args(hint)[1:]))
        read = converter.get_structure_hook(inner)
        return lambda node, _: read(_typed(node, Section), inner)

    def of_value(hint: Any) -> _Hook:
        kind = kind_of(hint)
        assert kind is not None  # noqa: S101 - that is how the hook was chosen
        return lambda node, _: kind.read(_typed(node, Scalar))

    converter.register_structure_hook_factory(is_dataclass, of_section)
    converter.register_structure_hook_factory(_is(tuple), of_list)
    converter.register_structure_hook_factory(_is(Mapping), of_names)
    converter.register_structure_hook_factory(lambda hint: kind_of(hint) is not None, of_value)
    return converter


def _is(origin: Any) -> Callable[[Any], bool]:
    return lambda hint: bool(get_origin(hint) == origin)


def _typed(node: Node, kind: type[N], remedy: str = "") -> N:
    """The node, if it is of this kind; nothing at all is an empty section or list."""
    if is_null(node) and kind is not Scalar:
        return kind(path=node.path, line=node.line)
    if not isinstance(node, kind):
        raise Invalid(f"found {found(node)}", remedy)
    return node


def _located(error: Exception, node: Any, key: Key | None, everywhere: Sequence[str]) -> Iterator[Invalid]:
    """The errors in cattrs' tree of them, each with path, line and remedy; ``node`` is what ``error`` is about."""
    if isinstance(error, ForbiddenExtraKeysError):
        known = [key.name for key in keys_in(error.cl)]
        for name in (name for name in node if name in error.extra_fields):
            remedy = suggestion(name, known, elsewhere=everywhere)
            yield Invalid("unknown key", remedy, path=node[name].path, line=node[name].line)
    elif isinstance(error, BaseValidationError):
        keys = {key.attribute: key for key in keys_in(error.cl)} if is_dataclass(error.cl) else {}
        for one in error.exceptions:
            notes = getattr(one, "__notes__", ())
            note = next(
                (note for note in notes if isinstance(note, (AttributeValidationNote, IterableValidationNote))), None
            )
            if note is None:
                yield from _located(one, node, key, everywhere)
            elif isinstance(note, AttributeValidationNote):
                below = keys[note.name]
                yield from _located(one, node[below.name], below, everywhere)
            else:
                yield from _located(one, node[note.index], key and key.item, everywhere)
    elif isinstance(error, Invalid) and error.line is not None:
        yield error
    elif isinstance(error, Invalid):
        # The path of an objection is a key of the section, which need not be there.
        place = node.get(error.path, node) if isinstance(node, Section) else node
        path = join(node.path, error.path) if place is node and error.path else place.path
        remedy = error.remedy or (key.expected if key else "")
        yield Invalid(error.reason, remedy, path=path, line=place.line)
    else:
        raise error
