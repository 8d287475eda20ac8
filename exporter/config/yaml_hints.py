"""Faults in YAML text, in plain words.

PyYAML's own messages quote the file, and a token that begins with ``*``, ``!`` or ``%`` would be in them. So none of
its text is passed on: its message selects one of ours.
"""

from __future__ import annotations

import yaml
from yaml.reader import ReaderError

from exporter.config.errors import Invalid

# The beginning of what PyYAML says -> what is wrong, what to do.
_HINTS = {
    r"found character '\t'": ("a tab where YAML expects spaces", "indent with spaces"),
    "found character": (
        "a value begins with a character that YAML reserves, such as @, % or `",
        "put the value in quotes",
    ),
    "found undefined tag handle": ("a YAML tag (!) that is not defined", "put a value that begins with ! in quotes"),
    "found unexpected end of stream": ("a quote that is not closed", "close it"),
    "found unknown escape character": (
        "an unknown \\ escape in double quotes",
        "use single quotes, or write \\\\ for a backslash",
    ),
    "mapping values are not allowed here": (
        "a colon where YAML expects none",
        "align the key with those above it, or put a value that has ': ' in it in quotes",
    ),
    "sequence entries are not allowed here": (
        "a list item (- ) where YAML expects none",
        "put the list on the lines below its key",
    ),
    "could not find expected ':'": ("a key without a colon", "write it as key: value"),
    "expected <block end>": (
        "this line does not fit those above it",
        "indent the keys of one mapping, and the items of one list, by the same number of spaces",
    ),
    "expected ',' or ']'": ("a list that is not closed or lacks a comma", "close it with ]"),
    "expected ',' or '}'": ("a mapping that is not closed or lacks a comma", "close it with }"),
}
_OTHERWISE = ("not valid YAML", "check the indentation, quotes and brackets on this line and above")

# PyYAML notices these long after where they begin.
_TOLD_WHERE_THEY_BEGIN = ("found unexpected end of stream", "could not find expected ':'")


def explain(error: Exception, text: str) -> Invalid:
    """What PyYAML's ``error`` about ``text`` means, without a word of the text."""
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return Invalid("a control character, which YAML does not allow", "remove it", line=line)
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem is None or error.problem_mark is None:
        return Invalid("not valid YAML", "check the \\ escapes in double quotes and the % directives", line=1)
    mark = error.problem_mark
    if error.problem.startswith(_TOLD_WHERE_THEY_BEGIN) and error.context_mark is not None:
        mark = error.context_mark
    hints = (hint for beginning, hint in _HINTS.items() if error.problem.startswith(beginning))
    reason, remedy = next(hints, _OTHERWISE)
    return Invalid(reason, remedy, line=mark.line + 1)
