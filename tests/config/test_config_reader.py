"""A field is a key: any model can be read, and explained, by what its fields say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import pytest

from docs.generator.configuration import row
from docs.generator.keys import all_keys
from exporter.config.errors import ConfigError
from exporter.config.kinds import duration, flag, key, text, whole
from exporter.config.reader import Objection, structure
from exporter.config.yaml import read_document

Names = tuple[Annotated[str, text("name")], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    retries: Annotated[int, whole(0, 5)] = key(2, "How often it is tried again")
    pause: Annotated[float, duration("1s", "1m")] = key(5.0, "Between two tries")

    def objections(self) -> Iterator[Objection]:
        if self.retries == 0 and self.pause != 5:
            yield ("pause",), "without retries", "remove it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    on: Annotated[bool, flag()] = key(False, "Whether it is on")
    names: Names = key((), "Who", example="[a, b]")
    levels: Mapping[str, Annotated[int, whole(0, 9)]] = key(MappingProxyType({}), "How much of each")
    limits: Limits = key(Limits(), "How often")
    rules: tuple[Limits, ...] = key((), "More of them", example="[]")


def read(folder: Path, content: str, *, environ: Mapping[str, str] | None = None) -> Model:
    file = folder / "file.yaml"
    file.write_text(content, encoding="utf-8")
    return structure(read_document(file, environ=environ), Model)


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    assert read(tmp_path, "# nothing") == Model()


def test_values_lists_mappings_and_sections_are_read(tmp_path: Path) -> None:
    content = "on: yes\nnames: [a, b, a]\nlevels: {x: 1}\nlimits: {pause: 30s}\nrules: [{retries: 1}, {}]\n"
    assert read(tmp_path, content) == Model(
        on=True, names=("a", "b"), levels={"x": 1}, limits=Limits(pause=30), rules=(Limits(retries=1), Limits())
    )


def test_every_problem_is_reported_with_its_line_and_path(tmp_path: Path) -> None:
    content = """\
on: perhaps
names: [a, [b], a]
levels:
  x: 10
  y:
limits: {retries: 0, pause: 30s}
rules:
- retries: 6
  retrys: 1
- none
"""
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, content)
    assert str(caught.value).replace(f"{tmp_path}/", "").split("\n") == [
        "file.yaml:1: on: neither true nor false; write true or false",
        "file.yaml:2: names[1]: found a list; expected a name",
        "file.yaml:4: levels.x: out of range; expected 0 to 9",
        "file.yaml:5: levels.y: found nothing; expected a whole number",
        "file.yaml:6: limits.pause: without retries; remove it",
        "file.yaml:8: rules[0].retries: out of range; expected 0 to 5",
        "file.yaml:9: rules[0].retrys: unknown key; did you mean retries?",
        "file.yaml:10: rules[1]: found text; expected a mapping of retries, pause",
    ]


def test_without_an_environment_nothing_is_replaced(tmp_path: Path) -> None:
    assert read(tmp_path, "names: ['${A}', $B]").names == ("${A}", "$B")
    assert read(tmp_path, "names: ['${A}']", environ={"A": "a"}).names == ("a",)


def test_a_field_is_all_that_the_reference_needs() -> None:
    explained = {one.path: tuple(row(one)) for one in all_keys(Model)}
    assert explained["limits.pause"] == ("`limits.pause`", "duration", "`5s`", "1s to 1m", "Between two tries.")
    assert explained["rules[].retries"][2:4] == ("`2`", "0 to 5")
