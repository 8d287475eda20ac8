"""The extras: ``collect`` and ``customers``, for all partners, and where one of them differs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from exporter.config import values
from exporter.config.model import CustomersConfig
from exporter.config.names import read_names
from exporter.config.ranges import duration_of, whole_of
from exporter.config.section import Section
from exporter.config.values import T
from exporter.config.yaml_nodes import Node

EXTRAS = ("wallet", "customers")
"""What ``collect`` may name."""

LONGEST_ID = 100
_interval = duration_of("customers.interval")
_lowest = whole_of("customers.lowest")
_series = whole_of("customers.series_limit")
_pages = whole_of("customers.pages_limit")


def _money(node: Node, environ: Mapping[str, str]) -> Decimal:
    return Decimal(str(values.number(node, environ)))


def read_collect(section: Section, *, otherwise: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The extras that are named; ``otherwise`` where the key is not there."""
    if "collect" not in section:
        return otherwise
    return read_names(section, "collect", known=EXTRAS, kind="extra")


def read_customers(section: Section) -> CustomersConfig:
    """How customers are collected, for all partners."""
    return CustomersConfig(
        interval=section.read("interval", _interval),
        below_balance=section.read("below_balance", _money),
        lowest=section.read("lowest", _lowest),
        accounts=_accounts(section) or (),
        names=section.read("names", values.flag),
        series_limit=section.read("series_limit", _series),
        pages_limit=section.read("pages_limit", _pages),
    )


def read_customers_of_partner(section: Section, common: CustomersConfig) -> CustomersConfig:
    """The same for one partner: what is not given there is as it is for all."""
    return CustomersConfig(
        interval=_either(section.optional("interval", _interval), common.interval),
        below_balance=_either(section.optional("below_balance", _money), common.below_balance),
        lowest=_either(section.optional("lowest", _lowest), common.lowest),
        accounts=_either(_accounts(section), common.accounts),
        names=_either(section.optional("names", values.flag), common.names),
        series_limit=_either(section.optional("series_limit", _series), common.series_limit),
        pages_limit=_either(section.optional("pages_limit", _pages), common.pages_limit),
    )


def _either(own: T | None, common: T) -> T:
    return common if own is None else own


def _accounts(section: Section) -> tuple[str, ...] | None:
    if "accounts" not in section:
        return None
    accounts: list[str] = []
    for entry in section.items("accounts"):
        account = section.value("accounts", entry, values.text)
        if account is None:
            continue
        if not (1 <= len(account) <= LONGEST_ID and account.isascii() and account.isprintable()):
            section.note("accounts", "not a customer's id", "give one such as MA_XXXXXXXX", at=entry)
        elif account.startswith("PA_"):
            section.note("accounts", "a partner's id", "give customers' ids, which begin with MA_", at=entry)
        elif account in accounts:
            section.note("accounts", "the same customer again", "list each once", at=entry)
        accounts.append(account)
    return tuple(accounts)
