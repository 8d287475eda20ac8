"""What an expression names: metrics, the labels it selects and groups by, the functions around each selector."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import promql_parser as promql


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """One selector: the metric, its matchers as (label, value), the function called on it if it has a range."""

    metric: str
    matchers: tuple[tuple[str, str], ...]
    function: str
    window: str


@dataclass(slots=True)
class Named:
    """Everything an expression names."""

    selectors: list[Selector] = field(default_factory=list)
    grouping: set[str] = field(default_factory=set)


def named(expr: str) -> Named:
    """What an expression names. Raises ValueError if it cannot be parsed."""
    found = Named()
    _visit(promql.parse(expr), found, "")
    return found


def _visit(node: object, found: Named, function: str) -> None:
    if isinstance(node, promql.VectorSelector):
        found.selectors.append(_selector(node, function, ""))
    elif isinstance(node, promql.MatrixSelector):
        found.selectors.append(_selector(node.vector_selector, function, promql.display_duration(node.range)))
    else:
        if isinstance(node, promql.AggregateExpr) and node.modifier is not None:
            found.grouping.update(node.modifier.labels)
        if isinstance(node, promql.BinaryExpr) and node.modifier is not None:
            found.grouping.update(node.modifier.matching.labels if node.modifier.matching else ())
            found.grouping.update(node.modifier.group_labels or ())
        inner = node.func.name if isinstance(node, promql.Call) else function
        for child in _children(node):
            _visit(child, found, inner)


def _selector(node: promql.VectorSelector, function: str, window: str) -> Selector:
    matchers = tuple((matcher.name, matcher.value) for matcher in node.matchers.matchers)
    return Selector(metric=node.name or "", matchers=matchers, function=function, window=window)


def _children(node: object) -> Iterator[object]:
    if isinstance(node, promql.Call):
        yield from node.args
    elif isinstance(node, promql.BinaryExpr):
        yield node.lhs
        yield node.rhs
    elif isinstance(node, (promql.AggregateExpr, promql.ParenExpr, promql.UnaryExpr, promql.SubqueryExpr)):
        yield node.expr
