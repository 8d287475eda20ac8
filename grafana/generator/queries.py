"""What queries are made of: the variables in every selector, and the expressions that several panels show."""

from __future__ import annotations

from dataclasses import dataclass

RECORDED = 'cluster=~"$cluster",job=~"$job",partner=~"$partner"'
"""Restricts a series that the rules record to what is chosen above the dashboard: they know no instance."""

SELECTED_JOB = 'cluster=~"$cluster",job=~"$job",instance=~"$instance"'
"""The same for the exporter's own metrics, which belong to no partner."""

SELECTED = f'{SELECTED_JOB},partner=~"$partner"'
"""The same for a metric of the exporter that has a partner."""

SELECTED_ALERTS = (
    'alertname=~"Vobiz.+",alertname!="VobizWatchdog",cluster=~"$cluster",job=~"$job|",partner=~"$partner|"'
)
"""The same for alerts. Those without a partner (VobizExporterDown) or a job (no exporter at all) are always shown."""

RATE = "[$__rate_interval]"
"""The range of a rate of what changes all the time: at least four scrapes."""

WINDOW = "[$window]"
"""The range of a rate of what changes with a poll: chosen above the dashboard, and several polls long."""

DIRECTION, PRODUCT, PARTNER = ("partner", "direction"), ("partner", "product"), ("partner",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One query of a panel. ``legend`` names its series; ``instant`` asks for the last moment alone."""

    expr: str
    legend: str = ""
    instant: bool = False


def ratio(numerator: str, denominator: str, *, matching: str = "") -> str:
    """A quotient that is absent where its denominator is 0; ``matching`` as in ``on (product) group_left ()``."""
    return f"{numerator} / {matching}{' ' * bool(matching)}({denominator} > 0)"


def firing(extra: str = "") -> str:
    """The selector of alerts that fire, with more matchers."""
    return f'ALERTS{{alertstate="firing",{SELECTED_ALERTS}{"," if extra else ""}{extra}}}'


def total(inner: str, keep: tuple[str, ...] = (), *, of: tuple[str, ...]) -> str:
    """The sum over partners and what else ``of`` has, by ``keep``; of several exporters of one partner the highest."""
    highest = f"max by ({', '.join(dict.fromkeys(('job', 'partner', *of)))}) ({inner})"
    return f"sum by ({', '.join(keep)}) ({highest})" if keep else f"sum ({highest})"


def per_second(name: str, keep: tuple[str, ...] = (), *, of: tuple[str, ...] = ("direction",), offset: str = "") -> str:
    """The rate of a counter over the chosen window."""
    return total(f"rate({name}{{{SELECTED}}}{WINDOW}{offset})", keep, of=of)


def answer_ratio(keep: tuple[str, ...] = (), offset: str = "") -> str:
    """Answered calls / calls in the chosen window (ASR)."""
    answered, calls = (per_second(f"vobiz_{what}_total", keep, offset=offset) for what in ("answered_calls", "calls"))
    return ratio(answered, calls)


def score(keep: tuple[str, ...] = ()) -> str:
    """The score that the answer-rate alerts compare: the highest of all directions."""
    by = f" by ({', '.join(keep)})" if keep else ""
    return f"max{by} (vobiz_answer_drop_score{{{SELECTED}}})"


def worst(expr: str, keep: tuple[str, ...] = DIRECTION) -> str:
    """Of an expression by ``keep`` the ten with the highest score of the answer rate within the dashboard's range."""
    by = ", ".join(keep)
    highest = f"max by ({by}) (max_over_time(vobiz_answer_drop_score{{{SELECTED}}}[$__range] @ end()))"
    unknown = f"0 * max by ({by}) (vobiz_calls_total{{{SELECTED}}} @ end())"
    return f"{expr} and on ({by}) topk(10, {highest} or {unknown})"


def highest(expr: str, keep: tuple[str, ...], *, count: int = 10) -> str:
    """Of an expression by ``keep`` those that are highest at the end of the dashboard's range, throughout the range.

    ``{at}`` stands behind each of its selectors.
    """
    chosen = expr.replace("{at}", " @ end()")
    return f"({expr.replace('{at}', '')}) and on ({', '.join(keep)}) topk({count}, {chosen})"


def alone(expr: str) -> str:
    """The expression where one partner is chosen: what is usual beside each of ten lines is a tangle."""
    return f"{expr} unless on () (count(group by (partner) (vobiz_up{{{SELECTED}}})) > 1)"


def data_age(keep: tuple[str, ...] = (), at: str = "") -> str:
    """Minutes since the last good poll of the endpoint that is longest without one."""
    by = f" by ({', '.join(keep)})" if keep else ""
    return f"max{by} (vobiz:data_age_seconds{{{RECORDED}}}{at}) / 60"


def runway(keep: tuple[str, ...] = (), at: str = "") -> str:
    """Hours that the balance lasts at the spend of the last day."""
    by = f" by ({', '.join(keep)})" if keep else ""
    return f"min{by} (vobiz:balance_left{{{RECORDED}}}{at} / (vobiz:cost_per_day{{{RECORDED}}}{at} > 0)) * 24"
