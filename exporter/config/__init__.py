"""The configuration: :func:`load_config` makes a frozen :class:`Config` of a YAML file or of the environment.

Every problem is reported at once, with line, dotted path and remedy, in one :class:`ConfigError`. The fields of the
model are the keys (:mod:`~exporter.config.kinds`); :func:`~exporter.config.reader.structure` reads any such model.
"""

from __future__ import annotations

from exporter.config.errors import ConfigError
from exporter.config.kinds import is_on_this_machine
from exporter.config.load import load_config
from exporter.config.model import EXTRAS, PERIODS, Config, CustomersConfig, PartnerConfig, PollConfig
from exporter.config.secrets import AuthId, AuthToken
from exporter.config.thresholds import Alerts

__all__ = [
    "EXTRAS",
    "PERIODS",
    "Alerts",
    "AuthId",
    "AuthToken",
    "Config",
    "ConfigError",
    "CustomersConfig",
    "PartnerConfig",
    "PollConfig",
    "is_on_this_machine",
    "load_config",
]
