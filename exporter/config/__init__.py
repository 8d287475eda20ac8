"""The configuration: :func:`load_config` makes a frozen :class:`Config` of a YAML file or of the environment.

Every problem is reported at once, with line, dotted path and remedy, in one :class:`ConfigError`. The fields of the
model are the keys (:mod:`~exporter.config.keys`); :func:`read` reads any such model. Tokens are of a type of their own,
:class:`Secret`, which never shows what it holds.
"""

from __future__ import annotations

from exporter.config.checks import remarks, require_state_directory, require_writable_state
from exporter.config.errors import ConfigError, Problem
from exporter.config.load import load_config
from exporter.config.model import (
    EXTRAS,
    PERIODS,
    ApiConfig,
    CausesConfig,
    Config,
    CustomersConfig,
    PartnerConfig,
    PollConfig,
    StateConfig,
)
from exporter.config.reader import read
from exporter.config.secrets import AuthId, AuthToken, FileId, FileSecret, LiteralId, LiteralSecret, Secret
from exporter.config.shards import MAX_PARTNERS, Shard, partners_of_shard
from exporter.config.thresholds import Alerts
from exporter.config.units import format_duration, parse_duration
from exporter.config.urls import is_on_this_machine

__all__ = [
    "EXTRAS",
    "MAX_PARTNERS",
    "PERIODS",
    "Alerts",
    "ApiConfig",
    "AuthId",
    "AuthToken",
    "CausesConfig",
    "Config",
    "ConfigError",
    "CustomersConfig",
    "FileId",
    "FileSecret",
    "LiteralId",
    "LiteralSecret",
    "PartnerConfig",
    "PollConfig",
    "Problem",
    "Secret",
    "Shard",
    "StateConfig",
    "format_duration",
    "is_on_this_machine",
    "load_config",
    "parse_duration",
    "partners_of_shard",
    "read",
    "remarks",
    "require_state_directory",
    "require_writable_state",
]
