"""A recording rule queried over a range is one series a lane, so that a past can be computed with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import promql_parser as promql
import pytest
import yaml

RULE_FILES = sorted((Path(__file__).parent.parent / "prometheus" / "rules").glob("*.yml"))
COMPARISONS = {"==", "!=", ">", "<", ">=", "<="}


def recording_rules() -> Iterator[tuple[str, str]]:
    for path in RULE_FILES:
        for group in yaml.safe_load(path.read_text())["groups"]:
            yield from ((rule["record"], rule["expr"]) for rule in group["rules"] if "record" in rule)


def keeps_name(node: object) -> bool:
    """Whether the series of an expression have a metric's name."""
    if isinstance(node, promql.VectorSelector):
        return True
    if isinstance(node, promql.ParenExpr):
        return keeps_name(node.expr)
    if isinstance(node, promql.BinaryExpr):
        operator = str(node.op)
        if operator in COMPARISONS:
            # one to one, the labels of `on` are all that is left
            return keeps_name(node.lhs) and (node.modifier is None or not is_one_to_one(node.modifier))
        return operator in {"and", "or", "unless"} and keeps_name(node.lhs)
    return False


def is_one_to_one(modifier: promql.BinModifier) -> bool:
    return modifier.matching is not None and "OneToOne" in str(modifier.card)


def mixed(node: object) -> Iterator[promql.BinaryExpr]:
    """Every `or` of which one side keeps a name and the other does not, where nothing around it drops them both."""
    if isinstance(node, promql.ParenExpr):
        yield from mixed(node.expr)
    if isinstance(node, promql.BinaryExpr):
        operator = str(node.op)
        if operator == "or":
            if keeps_name(node.lhs) != keeps_name(node.rhs):
                yield node
            yield from mixed(node.rhs)
        if operator in COMPARISONS | {"and", "or", "unless"}:
            yield from mixed(node.lhs)


@pytest.mark.parametrize(
    ("expr", "found"),
    [
        ("a or sum(b)", 1),
        ("sum(a) or b", 1),
        ("sum(a) or (sum(b) or c)", 1),
        ("(a and b) or 2 * c", 1),
        ("a > on (x) group_left () b or sum(c)", 1),
        ("a > on (x) b or sum(c)", 0),
        ("a or b", 0),
        ("sum(a) or max(b)", 0),
        ("max(a or sum(b))", 0),
        ("1 + (a or sum(b))", 0),
    ],
)
def test_alternatives_of_which_one_keeps_its_name_are_found(expr: str, found: int) -> None:
    assert len(list(mixed(promql.parse(expr)))) == found


def test_no_recording_rule_has_alternatives_of_which_one_keeps_its_name() -> None:
    rules = list(recording_rules())
    assert rules
    assert [name for name, expr in rules if list(mixed(promql.parse(expr)))] == []
