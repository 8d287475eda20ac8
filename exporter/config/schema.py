"""Every key of the configuration file: its default, what it takes, and what it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key.

    ``path`` is dotted, with ``[]`` for the items of a list. ``type`` is said in messages, after "expected".
    ``default`` and ``example`` are YAML; no default means that there is no value unless one is given. ``otherwise``
    says in which case the default is another one. ``minimum`` and ``maximum`` are allowed values, in the key's own
    notation. ``help`` is a sentence or more, without the full stop at the end.
    """

    path: str
    type: str
    default: str | None
    example: str
    help: str
    otherwise: str = ""
    minimum: str = ""
    maximum: str = ""


_KEYS = (
    Key(
        path="partners",
        type="a list of mappings",
        default=None,
        example="[{auth_id: PA_XXXXXXXX, auth_token_file: token}]",
        help="The Vobiz partners to watch, at least one",
    ),
    Key(
        path="partners[].name",
        type="text",
        default=None,
        example="acme",
        help="The partner label of every metric, 1 to 100 characters. Without it, the auth_id",
    ),
    Key(
        path="partners[].auth_id",
        type="text",
        default=None,
        example="PA_XXXXXXXX",
        help="The partner's id, PA_...; or auth_id_file",
    ),
    Key(
        path="partners[].auth_id_file",
        type="a path",
        default=None,
        example="/run/secrets/vobiz_auth_id",
        help="A file with the id instead, read again when it changes",
    ),
    Key(
        path="partners[].auth_token",
        type="text",
        default=None,
        example="${VOBIZ_AUTH_TOKEN}",
        help="The partner's secret token; or auth_token_file",
    ),
    Key(
        path="partners[].auth_token_file",
        type="a path",
        default=None,
        example="/run/secrets/vobiz_auth_token",
        help="A file with the token instead, read again when it changes or when the API refuses the token",
    ),
    Key(
        path="partners[].alerts",
        type="a mapping of thresholds to numbers",
        default="{}",
        example="{balance_runway_low_hours: 48}",
        help="Alert thresholds of this partner, where they differ from the alerts of all",
    ),
    Key(
        path="partners[].collect",
        type="a list of extras",
        default=None,
        example="[wallet]",
        help="Extras to ask for of this partner; if left out, those of collect",
    ),
    Key(
        path="partners[].customers",
        type="a mapping",
        default="{}",
        example="{below_balance: 500}",
        help="How customers of this partner are collected, where that differs from customers",
    ),
    Key(
        path="api",
        type="a mapping",
        default="{}",
        example="{timeout: 10s}",
        help="How the Partner API is reached",
    ),
    Key(
        path="api.base_url",
        type="a URL",
        default="https://api.vobiz.ai/api/v1/partner",
        example="https://api.vobiz.ai/api/v1/partner",
        help="Where it is. http:// is allowed to this machine only, unless allow_http is true",
    ),
    Key(
        path="api.timeout",
        type="a duration",
        default="10s",
        example="10s",
        help="For one whole request, body included",
        minimum="1ms",
        maximum="5m",
    ),
    Key(
        path="api.max_body",
        type="a size",
        default="32MiB",
        example="32MiB",
        help="The largest answer, unpacked, that is read",
        minimum="1KiB",
        maximum="1GiB",
    ),
    Key(
        path="api.allow_http",
        type="true or false",
        default="false",
        example="true",
        help="true sends the token unencrypted to an http:// URL on another machine",
    ),
    Key(
        path="poll",
        type="a mapping",
        default="{}",
        example="{interval: 60s}",
        help="When the Partner API is asked",
    ),
    Key(
        path="poll.interval",
        type="a duration",
        default="60s",
        example="60s",
        help="Between two polls of a partner",
        minimum="1s",
        maximum="1h",
    ),
    Key(
        path="poll.slow_interval",
        type="a duration",
        default="5m",
        example="5m",
        help="Between two requests for a period other than today; not below interval",
        otherwise="interval if that is longer",
        minimum="1s",
        maximum="1d",
    ),
    Key(
        path="poll.periods",
        type="a list of periods",
        default="[today, yesterday, 7d, 30d, month]",
        example="[today, yesterday]",
        help="The periods whose figures are shown",
    ),
    Key(
        path="poll.stale_after",
        type="a duration",
        default="5m",
        example="5m",
        help="After so long without a good poll, gauges of Vobiz's figures leave /metrics; counters stay. Longer than "
        "interval",
        otherwise="three intervals if interval is 2m30s or longer",
        minimum="1s",
        maximum="365d",
    ),
    Key(
        path="state",
        type="a mapping",
        default="{}",
        example="{path: state.json}",
        help="What outlives a restart",
    ),
    Key(
        path="state.path",
        type="a path",
        default=None,
        example="/var/lib/vobiz-exporter/state.json",
        help="The file that keeps the counters over a restart. Without it they start at 0 on every start. "
        "Beside it are a lock and, from forty partners on, a journal: copy state.json and state.json.journal together",
    ),
    Key(
        path="alerts",
        type="a mapping of thresholds to numbers",
        default="{}",
        example="{balance_runway_low_hours: 48}",
        help="Alert thresholds for all partners; docs/alerting.md tells what the rules make of them",
    ),
    Key(
        path="collect",
        type="a list of extras",
        default="[]",
        example="[wallet, customers]",
        help="Extras to ask for: wallet (the partner's own, /me) and customers (their balances, /accounts)",
    ),
    Key(
        path="customers",
        type="a mapping",
        default="{}",
        example="{below_balance: 500}",
        help="How customers are collected, where collect names them",
    ),
    Key(
        path="customers.interval",
        type="a duration",
        default="15m",
        example="15m",
        help="Between two rounds through all customers. Never more often than poll.interval",
        minimum="1s",
        maximum="1d",
    ),
    Key(
        path="customers.below_balance",
        type="a number",
        default="100",
        example="100",
        help="An active prepaid customer with less counts in vobiz_customers_below_balance; in the partner's currency",
    ),
    Key(
        path="customers.lowest",
        type="a whole number",
        default="0",
        example="20",
        help="How many active prepaid customers with the least balance are shown one by one, by id",
        minimum="0",
        maximum="10000",
    ),
    Key(
        path="customers.accounts",
        type="a list of customers' ids",
        default="[]",
        example="[MA_XXXXXXXX]",
        help="Customers that are always shown one by one, whatever their balance",
    ),
    Key(
        path="customers.names",
        type="true or false",
        default="false",
        example="true",
        help="True shows the names of customers who are shown one by one: personal data, in Prometheus for years",
    ),
    Key(
        path="customers.series_limit",
        type="a whole number",
        default="100",
        example="100",
        help="Customers shown one by one at most; more are counted as dropped",
        minimum="0",
        maximum="10000",
    ),
    Key(
        path="customers.pages_limit",
        type="a whole number",
        default="100",
        example="100",
        help="Pages of 100 customers read in a round at most; more customers are counted as unread",
        minimum="1",
        maximum="1000",
    ),
)

SCHEMA: Mapping[str, Key] = MappingProxyType({key.path: key for key in _KEYS})
"""Every key by its path, in the order in which they are best explained."""

PERIODS = ("today", "yesterday", "7d", "30d", "month")
"""What ``poll.periods`` may name."""


def join(section: str, name: str) -> str:
    """The dotted path of a key in a section; the top of the file is the section ``""``."""
    return f"{section}.{name}" if section else name


def keys_of(section: str) -> tuple[str, ...]:
    """The names of the keys in one section, such as ``poll`` or ``partners[]``."""
    return tuple(path.rpartition(".")[2] for path in SCHEMA if path.rpartition(".")[0] == section)
