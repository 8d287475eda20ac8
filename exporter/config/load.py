"""From a file, or the environment alone, to a :class:`~exporter.config.model.Config`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from exporter.config.errors import Invalid, Problems
from exporter.config.keys import keys_in
from exporter.config.kinds import path_from, text_of
from exporter.config.model import Config, PartnerConfig
from exporter.config.reader import read_tree, structure
from exporter.config.secrets import FileId, FileSecret, LiteralId, LiteralSecret
from exporter.config.shards import MAX_PARTNERS, partners_of_shard
from exporter.config.yaml import Items, Node, Scalar, Section, is_null

_CREDENTIALS: tuple[tuple[str, str, Any, str, Any], ...] = (
    ("auth_id", "VOBIZ_AUTH_ID", LiteralId, "VOBIZ_AUTH_ID_FILE", FileId),
    ("auth_token", "VOBIZ_AUTH_TOKEN", LiteralSecret, "VOBIZ_AUTH_TOKEN_FILE", FileSecret),
)


def load_config(path: Path | None, *, environ: Mapping[str, str]) -> Config:
    """The configuration in the file at ``path``; without one, defaults and the credentials in the environment.

    Without a file these come from ``VOBIZ_AUTH_ID`` or ``VOBIZ_AUTH_ID_FILE``, and ``VOBIZ_AUTH_TOKEN`` or
    ``VOBIZ_AUTH_TOKEN_FILE``; a variable that is empty counts as not set. The partners are those of this process's
    share, ``poll.shard``. Raises :class:`~exporter.config.errors.ConfigError` with every problem.
    """
    if path is None:
        return Config(partners=(_from_environment(environ),))
    problems = Problems(file=str(path))
    root = read_tree(path, environ=environ, problems=problems)
    partners = root.get("partners")
    if isinstance(partners, Items):
        _inherit(root, partners)
        for twin in _twins(partners):
            problems.add(twin)
    config = structure(root, Config, problems)
    share = partners_of_shard(config.partners, config.poll.shard)
    if len(share) > MAX_PARTNERS:
        reason = f"{len(share)} partners, and one process polls at most {MAX_PARTNERS}"
        remedy = "share them out over several with poll.shard; see docs/scaling.md"
        problems.add(Invalid(reason, remedy, path="partners", line=root["partners"].line))
        problems.raise_if_any()
    return dataclasses.replace(config, partners=share, path=path)


def _inherit(root: Section, partners: Items) -> None:
    """Give each partner what it does not say itself; a problem in that is reported where it was written."""
    inherited = [key.name for key in keys_in(PartnerConfig) if key.about.get("inherits")]
    for partner in (one for one in partners if isinstance(one, Section)):
        for name in (name for name in inherited if name in root):
            common, own = root[name], partner.get(name)
            if isinstance(common, Section) and isinstance(own, Section):
                partner[name] = Section(path=own.path, line=own.line, entries={**common, **own})
            elif own is None or (isinstance(common, Section) and is_null(own)):
                partner[name] = common


def _twins(partners: Items) -> Iterator[Invalid]:
    """Partners that have the id or the name of another one, also where something else about them is wrong."""
    ids: dict[str, str] = {}
    names: dict[str, str] = {}
    for partner in (one for one in partners if isinstance(one, Section)):
        at = partner.get("auth_id") or partner.get("auth_id_file") or partner
        named = partner.get("name") or partner
        auth_id, name = _id_of(partner), _text_of(partner.get("name"))
        if auth_id and (twin := ids.setdefault(auth_id, partner.path)) != partner.path:
            yield Invalid(f"the same as that of {twin}", "list each partner once", path=at.path, line=at.line)
        elif (name := name or auth_id) and (twin := names.setdefault(name, partner.path)) != partner.path:
            remedy = "give each partner a name of its own"
            yield Invalid(f"the same as that of {twin}", remedy, path=f"{partner.path}.name", line=named.line)


def _id_of(partner: Section) -> str | None:
    with suppress(Invalid):
        if text := _text_of(partner.get("auth_id")):
            return LiteralId(text).current()
        if text := _text_of(partner.get("auth_id_file")):
            return FileId(path_from(text)).current()
    return None


def _text_of(node: Node | None) -> str | None:
    with suppress(Invalid):
        return text_of(node) if isinstance(node, Scalar) else None
    return None


def _from_environment(environ: Mapping[str, str]) -> PartnerConfig:
    problems = Problems(file="")
    found: dict[str, Any] = {}
    given: dict[str, str] = {}
    for name, variable, literal, in_file, from_file in _CREDENTIALS:
        value, file = environ.get(variable), environ.get(in_file)
        given[name] = variable if value or not file else in_file
        try:
            if value and file:
                raise Invalid(f"set beside {variable}", "unset one of them", path=in_file)
            if not value and not file:
                raise Invalid("not set", f"set it or {in_file}, or give --config.file")
            found[name] = literal(value) if value else from_file(path_from(file or ""))
        except Invalid as error:
            problems.add(Invalid(error.reason, error.remedy, path=error.path or given[name]))
    problems.raise_if_any()
    partner = PartnerConfig(**found)
    for name, reason, remedy in partner.objections():
        problems.add(Invalid(reason, remedy, path=given.get(name, given["auth_id"])))
    problems.raise_if_any()
    return partner
