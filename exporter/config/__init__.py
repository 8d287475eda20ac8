"""The configuration: :func:`load_config` makes a frozen :class:`Config` of a YAML file or of the environment.

All that is wrong is told at once, with line, dotted path and remedy, in one :class:`ConfigError`. Secrets are of a type
of their own, :class:`Secret`, which never shows what it holds.
"""

from __future__ import annotations

from exporter.config.collect import EXTRAS
from exporter.config.durations import format_duration, parse_duration
from exporter.config.errors import ConfigError, Problem
from exporter.config.load import load_config
from exporter.config.model import ApiConfig, Config, CustomersConfig, PartnerConfig, PollConfig, StateConfig
from exporter.config.schema import PERIODS, SCHEMA, Key
from exporter.config.secrets import Secret
from exporter.config.sources import FileSecret, LiteralSecret, SecretSource
from exporter.config.urls import is_on_this_machine

__all__ = [
    "EXTRAS",
    "PERIODS",
    "SCHEMA",
    "ApiConfig",
    "Config",
    "ConfigError",
    "CustomersConfig",
    "FileSecret",
    "Key",
    "LiteralSecret",
    "PartnerConfig",
    "PollConfig",
    "Problem",
    "Secret",
    "SecretSource",
    "StateConfig",
    "format_duration",
    "is_on_this_machine",
    "load_config",
    "parse_duration",
]
