"""The configuration as the rest of the exporter sees it: complete, checked, frozen. Times are in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from exporter.config.sources import SecretSource


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersConfig:
    """How customers are collected: ``interval`` between two rounds, and ``pages_limit`` for one of them.

    ``below_balance`` is the limit under which a customer counts as about to run dry. Shown one by one are the
    ``lowest`` ones and those in ``accounts``, no more than ``series_limit``, with their names only if ``names``.
    """

    interval: float
    below_balance: Decimal
    lowest: int
    accounts: tuple[str, ...]
    names: bool
    series_limit: int
    pages_limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerConfig:
    """One Vobiz partner. ``alerts`` holds only the thresholds in which it differs from the others.

    ``collect`` and ``customers`` are complete: what holds for all partners where this one has nothing of its own.
    """

    name: str
    auth_id: SecretSource
    auth_token: SecretSource
    alerts: Mapping[str, float]
    collect: tuple[str, ...]
    customers: CustomersConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiConfig:
    """How the Partner API is reached. ``base_url`` has no slash at its end; ``max_body`` is in unpacked bytes."""

    base_url: str
    timeout: float
    max_body: int
    allow_http: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PollConfig:
    """When it is asked: ``slow_interval`` is for the periods other than today, and never below ``interval``."""

    interval: float
    slow_interval: float
    stale_after: float
    periods: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateConfig:
    """Where the counters are kept over a restart; ``path`` None: nowhere."""

    path: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All of it. ``alerts`` holds every threshold; ``path`` is the file it came from, None: the environment alone."""

    partners: tuple[PartnerConfig, ...]
    api: ApiConfig
    poll: PollConfig
    state: StateConfig
    alerts: Mapping[str, float]
    collect: tuple[str, ...]
    customers: CustomersConfig
    path: Path | None

    def thresholds(self, partner: PartnerConfig) -> Mapping[str, float]:
        """Every alert threshold as it holds for one partner."""
        return {**self.alerts, **partner.alerts}
