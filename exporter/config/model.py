"""The configuration file: its keys, and what the rest of the exporter sees of them. Times are in seconds."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from exporter.config.kinds import (
    DEFAULT_URL,
    duration,
    flag,
    is_on_this_machine,
    key,
    number,
    one_of,
    parse_name,
    parse_path,
    parse_url,
    text,
    whole,
)
from exporter.config.reader import Objection
from exporter.config.secrets import AuthId, AuthToken
from exporter.config.shards import Shard, parse_shard
from exporter.config.thresholds import Alerts

PERIODS = ("today", "yesterday", "7d", "30d", "month")
"""What ``poll.periods`` may name."""

EXTRAS = ("wallet", "customers", "causes")
"""What ``collect`` may name."""

Periods = tuple[Annotated[str, one_of("period", PERIODS)], ...]
Extras = tuple[Annotated[str, one_of("extra", EXTRAS)], ...]

_Flag = Annotated[bool, flag()]
_Money = Annotated[Decimal, number(of=Decimal)]
_Seconds = Annotated[float, duration("1s", "1d")]
_Count = Annotated[int, whole(0, 10_000)]
_Ids = tuple[Annotated[str, text("customer id", parse_name)], ...]

_MIN_SECRET = 8
"""Characters of a token that is looked for within others: anything shorter may be part of any word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiConfig:
    """How the Partner API is reached. ``base_url`` has no slash at its end."""

    base_url: Annotated[str, text("URL", parse_url)] = key(
        DEFAULT_URL, "Where it is. http:// is for this machine only, unless allow_http is true"
    )
    timeout: Annotated[float, duration("1ms", "5m")] = key(10.0, "For one whole request, body included")
    allow_http: _Flag = key(False, "true sends the token unencrypted to http:// on another machine", example="true")

    def objections(self) -> Iterator[Objection]:
        """The token must not cross a network in the open."""
        plain = self.base_url[:5].lower() == "http:"
        if plain and not is_on_this_machine(self.base_url) and not self.allow_http:
            reason = "http:// would send the token unencrypted to another machine"
            yield ("base_url",), reason, "use https://, or set api.allow_http: true"


@dataclass(frozen=True, slots=True, kw_only=True)
class PollConfig:
    """When it is asked: ``slow_interval`` is for the periods other than today, and never below ``interval``."""

    interval: Annotated[float, duration("1s", "1h")] = key(60.0, "Between two polls of a partner", example="60s")
    slow_interval: _Seconds = key(
        0.0, "For periods other than today; not below interval", example="5m", otherwise="5m, or interval if longer"
    )
    periods: Periods = key(PERIODS, "The periods whose values are shown", example="[today, yesterday]")
    stale_after: Annotated[float, duration("1s", "365d")] = key(
        0.0,
        "After so long without a good poll, gauges leave /metrics; counters stay. Longer than interval",
        example="5m",
        otherwise="5m, or three intervals if interval is 2m30s or longer",
    )
    shard: Annotated[Shard, text("share", parse_shard)] = key(
        Shard(),
        "The share of partners to poll: 2/5 is the second of five; auto/5: by the number that ends the host's name",
        example="1/1",
    )

    def __post_init__(self) -> None:
        if not self.slow_interval:
            object.__setattr__(self, "slow_interval", max(300.0, self.interval))
        if not self.stale_after:
            object.__setattr__(self, "stale_after", 300.0 if 2 * self.interval < 300 else 3 * self.interval)

    def objections(self) -> Iterator[Objection]:
        """Intervals that contradict each other, and no periods at all."""
        if not self.periods:
            yield ("periods",), "no period is given", f"name one or more of {', '.join(PERIODS)}"
        if self.slow_interval < self.interval:
            yield ("slow_interval",), "shorter than poll.interval", "make it as long or longer, or leave it out"
        if self.stale_after <= self.interval:
            yield ("stale_after",), "not longer than poll.interval", "make it three intervals, or leave it out"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateConfig:
    """Where the counters are kept over a restart; ``path`` None: nowhere."""

    path: Annotated[Path | None, text("path", parse_path)] = key(
        None,
        "The SQLite database that keeps the counters over a restart; without it they start at 0 on every start",
        example="/var/lib/vobiz-exporter/state.db",
    )

    def objections_here(self) -> Iterator[Objection]:
        """Why this user cannot keep the state there.

        A mistyped directory must not be made: the counters would start at 0 in it, and nobody would notice.
        """
        if self.path is None:
            return
        # The methods of Path raise where a directory above may not be entered.
        is_file = os.path.isfile(self.path) and not os.path.islink(self.path)  # noqa: PTH113, PTH114
        if not os.path.isdir(self.path.parent):  # noqa: PTH112
            yield ("path",), f"there is no directory {self.path.parent}", "correct the path, or make the directory"
        elif os.path.lexists(self.path) and not is_file:
            yield ("path",), f"{self.path} is not a regular file", "move it away, or give another path"
        # SQLite keeps a journal beside the database.
        for place in (self.path.parent, self.path):
            if os.path.exists(place) and not os.access(place, os.R_OK | os.W_OK):  # noqa: PTH110
                yield ("path",), f"{place} cannot be written by this user", "change its owner, or the path"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersConfig:
    """How customers are collected."""

    interval: _Seconds = key(900.0, "Between two scans of all customers. Never more often than poll.interval")
    below_balance: _Money = key(Decimal(100), "A prepaid customer with less counts in vobiz_customers_below_balance")
    lowest: _Count = key(0, "How many with the least balance are shown one by one, by id", example="20")
    accounts: _Ids = key((), "Customers always shown one by one, whatever their balance", example="[MA_XXXXXXXX]")
    names: _Flag = key(False, "True shows the names of those shown one by one: personal data, kept for years")
    series_limit: _Count = key(100, "Customers shown one by one at most; more are counted as dropped")
    pages_limit: Annotated[int, whole(1, 1_000)] = key(100, "Pages of 100 customers read in a scan; the rest is unread")


@dataclass(frozen=True, slots=True, kw_only=True)
class CausesConfig:
    """How much is read to say why calls fail."""

    pages: Annotated[int, whole(1, 100)] = key(2, "Pages of 100 call records read after a poll; the rest is unread")
    customers: Annotated[int, whole(0, 100)] = key(0, "Customers with most unanswered calls shown, by id", example="5")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerConfig:
    """One Vobiz partner, complete: what holds for all partners where it has nothing of its own.

    ``auth_id.current()`` is text, ``auth_token.current()`` a :class:`~exporter.config.secrets.Secret`; either may
    change while the exporter runs.
    """

    name: Annotated[str, text("name", parse_name)] = key(
        "", "The partner label of every metric, 1 to 100 characters. Without it, the auth_id", example="acme"
    )
    auth_id: Annotated[AuthId, text("text", AuthId)] = key(
        None, "The partner's id, PA_...; or auth_id_file", example="${VOBIZ_AUTH_ID}", given=True
    )
    auth_id_file: Annotated[AuthId | None, text("path", lambda path: AuthId(parse_path(path)))] = key(
        None, "A file with the id instead, read again when it changes", example="/run/secrets/vobiz_auth_id"
    )
    auth_token: Annotated[AuthToken, text("text", AuthToken)] = key(
        None, "The partner's secret token; or auth_token_file", example="${VOBIZ_AUTH_TOKEN}", given=True
    )
    auth_token_file: Annotated[AuthToken | None, text("path", lambda path: AuthToken(parse_path(path)))] = key(
        None, "A file with the token instead, read again if changed or refused", example="/run/secrets/vobiz_auth_token"
    )
    alerts: Alerts = key(Alerts(), "Alert thresholds of this partner, where they differ from alerts", inherits=True)
    collect: Extras = key(
        (), "Extras to ask for of this partner, else those of collect", example="[wallet, customers]", inherits=True
    )
    customers: CustomersConfig = key(
        CustomersConfig(), "How customers of this partner are collected, where that differs", inherits=True
    )
    causes: CausesConfig = key(
        CausesConfig(), "How causes of this partner are collected, where that differs from causes", inherits=True
    )

    def __post_init__(self) -> None:
        for name in ("auth_id", "auth_token"):
            if getattr(self, name) is None:
                object.__setattr__(self, name, getattr(self, f"{name}_file"))
        if not self.name and self.auth_id is not None:
            object.__setattr__(self, "name", self.auth_id.current())

    def objections(self) -> Iterator[Objection]:
        """Credentials that are missing, given twice, or shown as something else."""
        for name in ("auth_id", "auth_token"):
            value, in_file = getattr(self, name), getattr(self, f"{name}_file")
            if value is None:
                yield (name,), "missing", f"give {name} or {name}_file"
            elif in_file is not None and value is not in_file:
                yield (f"{name}_file",), f"given beside {name}", "keep one of them"
        if self.auth_id is None or self.auth_token is None:
            return
        token = self.auth_token.current().reveal()
        key = "auth_id" if self.auth_id_file is None else "auth_id_file"
        for name, shown, remedy in (
            (key, self.auth_id.current(), "give the partner's id, which begins with PA_"),
            ("name", self.name, "give one that may be shown"),
        ):
            if shown == token or (len(token) >= _MIN_SECRET and token in shown):
                yield (name,), "has the auth_token in it, which must not be shown", remedy
                return  # without a name of its own, it is the id again


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All of it. ``path`` is the file it came from, None: the environment alone."""

    partners: tuple[PartnerConfig, ...] = key((), "The Vobiz partners to watch, at least one", example="[]")
    api: ApiConfig = key(ApiConfig(), "How the Partner API is reached")
    poll: PollConfig = key(PollConfig(), "When the Partner API is asked")
    state: StateConfig = key(StateConfig(), "What outlives a restart")
    alerts: Alerts = key(Alerts(), "Alert thresholds for all partners; docs/alerting.md says what becomes of them")
    collect: Extras = key(
        (),
        "Extras: wallet (the partner's own, /me), customers (balances, /accounts), causes (why calls fail, /cdrs)",
        example="[wallet, customers]",
    )
    customers: CustomersConfig = key(CustomersConfig(), "How customers are collected, where collect names them")
    causes: CausesConfig = key(CausesConfig(), "How causes are collected, where collect names them")
    path: Path | None = None

    def objections(self) -> Iterator[Objection]:
        """Nobody to watch, or somebody twice."""
        if not self.partners:
            yield ("partners",), "no partner is given", "list at least one, with its auth_id and auth_token"
        ids: dict[str, int] = {}
        names: dict[str, int] = {}
        for index, partner in enumerate(self.partners):
            if partner is None or partner.auth_id is None:
                continue  # it has a problem of its own
            # The case is no difference: that an answer is the account's own is decided without it as well.
            if (twin := ids.setdefault(partner.auth_id.current().casefold(), index)) != index:
                key = "auth_id" if partner.auth_id_file is None else "auth_id_file"
                yield ("partners", index, key), f"the same as that of partners[{twin}]", "list each partner once"
            elif (twin := names.setdefault(partner.name, index)) != index:
                remedy = "give each partner a name of its own"
                yield ("partners", index, "name"), f"the same as that of partners[{twin}]", remedy
