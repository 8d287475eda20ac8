"""The partners to watch, from the configuration file or from the environment alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from exporter.config import values
from exporter.config.alerts import read_alerts
from exporter.config.collect import read_collect, read_customers_of_partner
from exporter.config.errors import Invalid, Problems
from exporter.config.model import CustomersConfig, PartnerConfig
from exporter.config.secrets import Secret
from exporter.config.section import Section
from exporter.config.sources import FileSecret, LiteralSecret, SecretSource
from exporter.config.thresholds import Threshold
from exporter.config.yaml_nodes import Node

LONGEST_NAME = 100
_SHORTEST_SECRET = 8
_NO_ALERTS: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What is collected of partners who have nothing of their own."""

    collect: tuple[str, ...]
    customers: CustomersConfig


def read_partners(top: Section, *, extras: Extras, thresholds: Mapping[str, Threshold]) -> tuple[PartnerConfig, ...]:
    """Those listed under ``partners``; what is wrong with them is noted."""
    listed = top.sections("partners")
    if not listed and top.clear("partners"):
        top.note("partners", "no partner is given", "list at least one, with its auth_id and auth_token")
    partners: list[PartnerConfig] = []
    ids: dict[str, str] = {}
    names: dict[str, str] = {}
    for section in listed:
        name, auth_id, auth_token = _identity(section)
        alerts = read_alerts(section, thresholds=thresholds)
        collect = read_collect(section, otherwise=extras.collect)
        customers = read_customers_of_partner(section.section("customers"), extras.customers)
        twin = section.path if auth_id is None else ids.setdefault(auth_id.current().reveal(), section.path)
        namesake = section.path if name is None else names.setdefault(name, section.path)
        if twin != section.path:
            section.note(_given(section, "auth_id"), f"the same as that of {twin}", "list each partner once")
        elif namesake != section.path:
            section.note("name", f"the same as that of {namesake}", "give each partner a name of its own")
        if name is None or auth_id is None or auth_token is None:
            continue
        partner = PartnerConfig(
            name=name, auth_id=auth_id, auth_token=auth_token, alerts=alerts, collect=collect, customers=customers
        )
        for key, reason, remedy in _objections(partner):
            section.note(_given(section, key), reason, remedy)
        partners.append(partner)
    return tuple(partners)


def partner_from_environment(
    environ: Mapping[str, str], *, extras: Extras, problems: Problems
) -> tuple[PartnerConfig, ...]:
    """The one partner of a start without a file; a variable that is empty counts as not set."""
    auth_id = _variable("VOBIZ_AUTH_ID", environ, problems)
    auth_token = _variable("VOBIZ_AUTH_TOKEN", environ, problems)
    if auth_id is None or auth_token is None:
        return ()
    partner = PartnerConfig(
        name=auth_id.current().reveal(),
        auth_id=auth_id,
        auth_token=auth_token,
        alerts=_NO_ALERTS,
        collect=extras.collect,
        customers=extras.customers,
    )
    path = "VOBIZ_AUTH_ID" if environ.get("VOBIZ_AUTH_ID") else "VOBIZ_AUTH_ID_FILE"
    for _, reason, remedy in _objections(partner):
        problems.add(reason, remedy, path=path)
    return (partner,)


def _identity(section: Section) -> tuple[str | None, SecretSource | None, SecretSource | None]:
    """Name, auth_id and auth_token as far as they can be read: a partner that lacks one can still be another's twin."""
    auth_id = _source(section, "auth_id")
    auth_token = _source(section, "auth_token")
    name = section.optional("name", values.text)
    if name is None and auth_id is not None:
        name = auth_id.current().reveal()
    return name, auth_id, auth_token


def _objections(partner: PartnerConfig) -> Iterator[tuple[str, str, str]]:
    """The key, what is wrong with it, and what to do, for values that could be used but should not."""
    auth_id, auth_token = partner.auth_id.current(), partner.auth_token.current()
    if auth_id.reveal().startswith("MA_"):
        yield "auth_id", "a customer's id", "give the partner's, which begins with PA_"
    if _holds(auth_id.reveal(), auth_token):
        yield "auth_id", "the same as the auth_token", "give the partner's id, which begins with PA_"
    elif _holds(partner.name, auth_token):
        yield "name", "the same as the auth_token, which must not be shown", "give a name that may be shown"
    if not (1 <= len(partner.name) <= LONGEST_NAME and partner.name.isprintable() and partner.name.strip()):
        yield "name", f"not a name of 1 to {LONGEST_NAME} printable characters", "give one such as acme"


def _holds(shown: str, secret: Secret) -> bool:
    """Whether a text is a secret, or has it in it; a very short one may be part of any word."""
    return shown == secret.reveal() or (len(secret.reveal()) >= _SHORTEST_SECRET and secret.reveal() in shown)


def _source(section: Section, name: str) -> SecretSource | None:
    in_file = f"{name}_file"
    if name in section and in_file in section:
        section.note(in_file, f"given beside {name}", "keep one of them")
        return None
    if name in section:
        return section.optional(name, _literal)
    if in_file in section:
        return section.optional(in_file, _from_file)
    if section.clear(name, in_file):
        section.note(name, "missing", f"give {name} or {in_file}")
    return None


def _variable(name: str, environ: Mapping[str, str], problems: Problems) -> SecretSource | None:
    in_file = f"{name}_FILE"
    value, file = environ.get(name), environ.get(in_file)
    if value and file:
        problems.add(f"set beside {name}", "unset one of them", path=in_file)
        return None
    try:
        if value:
            return LiteralSecret(value)
        if file:
            return FileSecret(values.path_from(file))
    except Invalid as error:
        problems.add(error.reason, error.remedy, path=name if value else in_file)
        return None
    problems.add("not set", f"set it or {in_file}, or give --config.file", path=name)
    return None


def _literal(node: Node, environ: Mapping[str, str]) -> SecretSource:
    return LiteralSecret(values.text(node, environ))


def _from_file(node: Node, environ: Mapping[str, str]) -> SecretSource:
    return FileSecret(values.path(node, environ))


def _given(section: Section, name: str) -> str:
    in_file = f"{name}_file"
    return in_file if in_file in section else name
