"""A YAML file as sections and fields that know their name and line, so that every error can say where it is."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from exporter.web.errors import WebConfigError

_SCALAR_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "timestamp")}
_LARGEST_FILE = 1024 * 1024
# What PyYAML says with a word of the file behind it, which may be the rest of a hash or password.
_WITH_A_WORD = re.compile(r"(found (?:undefined|duplicate) (?:alias|anchor|tag handle)).*", re.DOTALL)
# A name as it may stand in a message: neither a bcrypt hash nor what was pasted behind a colon without a blank.
_NAME = re.compile(r"[\w.@ -]{0,60}")
_TRUE, _FALSE = frozenset({"true", "yes", "on"}), frozenset({"false", "no", "off"})


class Section:
    """One mapping of the file. Its readers return None for a field that is absent or empty.

    All of them raise WebConfigError with the file, the line and the field's dotted name; a message never has a value
    in it that may be a secret.
    """

    def __init__(self, file: Path, name: str, line: int, node: yaml.MappingNode) -> None:
        self._file = file
        self._name = name
        self._line = line
        self._fields: dict[str, tuple[int, yaml.Node]] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise WebConfigError(f"{file}:{line}: {name or 'the file'}: a key must be a single word")
            if key.value in self._fields:
                raise self._error(line, key.value, "is there twice; remove one")
            self._fields[key.value] = (line, value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def error(self, field: str, problem: str) -> WebConfigError:
        """The error that says that `field` has `problem`."""
        line, _ = self._fields.get(field, (self._line, None))
        return self._error(line, field, problem)

    def only(self, *known: str) -> Section:
        """Itself, once sure that it has no other fields."""
        for field in self._fields:
            if field not in known:
                near = difflib.get_close_matches(field, known, n=1) or list(known[:1])
                raise self.error(field, f"is not known here; did you mean {near[0]}?")
        return self

    def section(self, field: str) -> Section | None:
        node = self._present(field)
        if node is None:
            return None
        if not isinstance(node, yaml.MappingNode):
            raise self.error(field, "must be a mapping of names to values")
        return Section(self._file, self._dotted(field), self._fields[field][0], node)

    def text(self, field: str) -> str | None:
        node = self._present(field)
        return None if node is None else self._scalar(field, node) or None

    def texts(self, field: str) -> tuple[str, ...] | None:
        node = self._present(field)
        if node is None:
            return None
        if not isinstance(node, yaml.SequenceNode):
            raise self.error(field, "must be a list")
        return tuple(self._scalar(field, item) for item in node.value)

    def path(self, field: str) -> Path | None:
        """A file's path; a relative one starts where the web configuration file is."""
        text = self.text(field)
        return None if text is None else self._file.parent / text

    def choice(self, field: str, choices: tuple[str, ...]) -> str | None:
        text = self.text(field)
        if text is not None and text not in choices:
            raise self.error(field, f"must be one of {', '.join(choices)}")
        return text

    def flag(self, field: str, *, default: bool) -> bool:
        text = (self.text(field) or "").lower()
        if text not in _TRUE | _FALSE | {""}:
            raise self.error(field, "must be true or false")
        return text in _TRUE if text else default

    def _present(self, field: str) -> yaml.Node | None:
        _, node = self._fields.get(field, (0, None))
        return None if node is None or node.tag == "tag:yaml.org,2002:null" else node

    def _scalar(self, field: str, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode) or node.tag not in _SCALAR_TAGS:
            raise self.error(field, "must be a single value")
        return str(node.value)

    def _dotted(self, field: str) -> str:
        name = _NAME.match(field)
        shown = field if name is not None and name[0] == field else f"{name[0] if name else ''}..."
        return f"{self._name}.{shown}" if self._name else shown

    def _error(self, line: int, field: str, problem: str) -> WebConfigError:
        return WebConfigError(f"{self._file}:{line}: {self._dotted(field)} {problem}")


def read_sections(file: Path) -> Section:
    """The file's top level; an empty file is an empty section. Raises WebConfigError."""
    try:
        with file.open("rb") as opened:
            data = opened.read(_LARGEST_FILE + 1)
        if len(data) > _LARGEST_FILE:
            raise WebConfigError(f"{file}: is larger than 1 MiB; check that it is the right file")
        node = yaml.compose(data, Loader=yaml.SafeLoader)
    except OSError as error:
        raise WebConfigError(f"{file}: cannot be read ({error.strerror}); check --web.config.file") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = _WITH_A_WORD.sub(r"\1", error.problem or "it cannot be read")
        raise WebConfigError(f"{file}:{line}: is not YAML: {problem}") from None
    except yaml.YAMLError:
        raise WebConfigError(f"{file}: is not YAML: it holds bytes that are not text") from None
    except RecursionError:
        raise WebConfigError(f"{file}: is not YAML: it is nested too deeply") from None
    except (ValueError, OverflowError):
        # PyYAML lets chr() and int() raise on escapes such as "\UFFFFFFFF" and on absurd %YAML versions.
        raise WebConfigError(
            f"{file}: is not YAML: check the \\ escapes in double quotes and the % directives"
        ) from None
    if node is None:
        node = yaml.compose("{}", Loader=yaml.SafeLoader)
    if not isinstance(node, yaml.MappingNode):
        raise WebConfigError(f"{file}:1: must be a mapping, with sections such as tls_server_config")
    return Section(file, "", 1, node)
