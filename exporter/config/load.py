"""From a file, or the environment alone, to a :class:`~exporter.config.model.Config`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from exporter.config import values
from exporter.config.alerts import read_alerts
from exporter.config.collect import read_collect, read_customers
from exporter.config.errors import ConfigError, Invalid, Problem, Problems
from exporter.config.model import Config
from exporter.config.partners import Extras, partner_from_environment, read_partners
from exporter.config.section import Section
from exporter.config.settings import read_api, read_poll, read_state
from exporter.config.thresholds import THRESHOLDS, Threshold
from exporter.config.yaml_nodes import MapNode, read_yaml

LARGEST_FILE = 1024 * 1024
"""Bytes that a configuration file may have."""


def load_config(
    path: Path | None, *, environ: Mapping[str, str], thresholds: Mapping[str, Threshold] = THRESHOLDS
) -> Config:
    """The configuration in the file at ``path``; without one, defaults and the credentials in the environment.

    Without a file these come from ``VOBIZ_AUTH_ID`` or ``VOBIZ_AUTH_ID_FILE``, and likewise ``VOBIZ_AUTH_TOKEN``.
    ``thresholds`` are the alert thresholds that may be set.

    Raises :class:`~exporter.config.errors.ConfigError` with all that is wrong.
    """
    problems = Problems(file="" if path is None else str(path))
    root = MapNode(line=1, entries=()) if path is None else _read_file(path)
    top = Section(root, path="", schema="", problems=problems, environ=environ)
    collect = read_collect(top)
    customers = read_customers(top.section("customers"))
    common = Extras(collect=collect, customers=customers)
    if path is None:
        partners = partner_from_environment(environ, extras=common, problems=problems)
    else:
        partners = read_partners(top, extras=common, thresholds=thresholds)
    api = read_api(top.section("api"))
    poll = read_poll(top.section("poll"))
    state = read_state(top.section("state"))
    alerts = {name: threshold.default for name, threshold in thresholds.items()}
    alerts.update(read_alerts(top, thresholds=thresholds))
    problems.raise_if_any()
    return Config(
        partners=partners,
        api=api,
        poll=poll,
        state=state,
        alerts=MappingProxyType(alerts),
        collect=collect,
        customers=customers,
        path=path,
    )


def _read_file(path: Path) -> MapNode:
    """The mapping in a file. Raises :class:`~exporter.config.errors.ConfigError` if there is none to go on with."""
    try:
        return _mapping(_read_text(path))
    except Invalid as error:
        problem = Problem(file=str(path), line=error.line, path="", reason=error.reason, remedy=error.remedy)
    raise ConfigError([problem])


def _mapping(text: str) -> MapNode:
    node = read_yaml(text)
    if node is None:
        raise Invalid("the file is empty", "list at least one partner, as config.example.yaml does")
    if not isinstance(node, MapNode):
        raise Invalid(
            f"found {values.found(node)}", "write keys and values, as config.example.yaml does", line=node.line
        )
    return node


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise Invalid("no such file", "check --config.file, or begin with a copy of config.example.yaml") from None
    except IsADirectoryError:
        raise Invalid("a directory", "give the file in it") from None
    except OSError as error:
        raise Invalid(
            f"the file cannot be read ({error.strerror})", "check --config.file, and that this user may read it"
        ) from None
    if len(data) > LARGEST_FILE:
        raise Invalid("the file is larger than 1 MiB", "check that it is the right one")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Invalid("the file is not UTF-8 text", "save it as UTF-8", line=line) from None
