"""From a file, or the environment alone, to a :class:`~exporter.config.model.Config`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from exporter.config.errors import ConfigError, Invalid, Problem
from exporter.config.model import Config, PartnerConfig
from exporter.config.reader import structure
from exporter.config.shards import MAX_PARTNERS
from exporter.config.yaml import Document, Scalar, Tree, read_document


def load_config(path: Path | None, *, environ: Mapping[str, str], here: bool = False) -> Config:
    """The configuration in the file at ``path``; without one, defaults and the credentials in the environment.

    These are ``VOBIZ_AUTH_ID`` or ``VOBIZ_AUTH_ID_FILE``, and ``VOBIZ_AUTH_TOKEN`` or ``VOBIZ_AUTH_TOKEN_FILE``; a
    variable that is empty counts as not set. The partners are those of this process's share, ``poll.shard``. ``here``:
    this machine is to run it, and must have a place for the state. Raises
    :class:`~exporter.config.errors.ConfigError` with every problem.
    """
    if path is None:
        return _from_environment(environ)
    document = read_document(path, environ=environ)
    config = structure(document, Config, here=here)
    share = [partner.name for partner in config.partners if config.poll.shard.holds(partner.name)]
    if len(share) > MAX_PARTNERS:
        reason = f"{len(share)} partners, and one process polls at most {MAX_PARTNERS}"
        remedy = "share them out over several with poll.shard; see docs/scaling.md"
        document.report(Invalid(reason, remedy), ("partners",))
        document.raise_if_wrong()
    listed: Any = document.root["partners"]
    complete = [_complete(one, tree, config) for one, tree in zip(config.partners, listed, strict=True)]
    return replace(config, partners=tuple(one for one in complete if one.name in share), path=path)


def _complete(partner: PartnerConfig, tree: Mapping[str, Tree], config: Config) -> PartnerConfig:
    """A partner with what holds for all of them where it has nothing of its own."""
    inherited: dict[str, Any] = {}
    for name in (one.name for one in fields(PartnerConfig) if one.metadata.get("inherits")):
        common, own, written = getattr(config, name), getattr(partner, name), tree.get(name)
        if isinstance(written, dict):
            inherited[name] = replace(common, **{key: getattr(own, key) for key in written})
        elif not isinstance(written, list):
            inherited[name] = common
    return replace(partner, **inherited)


def _from_environment(environ: Mapping[str, str]) -> Config:
    variables = ("VOBIZ_AUTH_ID", "VOBIZ_AUTH_ID_FILE", "VOBIZ_AUTH_TOKEN", "VOBIZ_AUTH_TOKEN_FILE")
    names = {name.removeprefix("VOBIZ_").lower(): name for name in variables}
    root: dict[str, Tree] = {key: Scalar(written=environ[name]) for key, name in names.items() if environ.get(name)}
    try:
        return Config(partners=(structure(Document("", root), PartnerConfig),))
    except ConfigError as error:
        problems = [replace(one, path=names[one.path]) for one in error.problems if one.reason != "missing"]
    for key in ("auth_id", "auth_token"):
        if not root.keys() & {key, f"{key}_file"}:
            remedy = f"set it or {names[key]}_FILE, or give --config.file"
            problems.append(Problem(file="", line=None, path=names[key], reason="not set", remedy=remedy))
    raise ConfigError(problems)
