"""From a file, or the environment alone, to a :class:`~exporter.config.model.Config`."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from exporter.config.errors import ConfigError, Invalid, Problem
from exporter.config.model import Config, PartnerConfig
from exporter.config.reader import structure
from exporter.config.shards import MAX_PARTNERS
from exporter.config.yaml import Document, Scalar, Tree, read_document

_VARIABLES = {
    "auth_id": "VOBIZ_AUTH_ID",
    "auth_id_file": "VOBIZ_AUTH_ID_FILE",
    "auth_token": "VOBIZ_AUTH_TOKEN",
    "auth_token_file": "VOBIZ_AUTH_TOKEN_FILE",
}


def load_config(path: Path | None, *, environ: Mapping[str, str]) -> Config:
    """The configuration in the file at ``path``; without one, defaults and the credentials in the environment.

    Without a file these come from ``VOBIZ_AUTH_ID`` or ``VOBIZ_AUTH_ID_FILE``, and ``VOBIZ_AUTH_TOKEN`` or
    ``VOBIZ_AUTH_TOKEN_FILE``; a variable that is empty counts as not set. The partners are those of this process's
    share, ``poll.shard``. Raises :class:`~exporter.config.errors.ConfigError` with every problem.
    """
    if path is None:
        return _from_environment(environ)
    document = read_document(path, environ=environ)
    config = structure(document, Config)
    share = tuple(partner for partner in config.partners if config.poll.shard.holds(partner.name))
    if len(share) > MAX_PARTNERS:
        reason = f"{len(share)} partners, and one process polls at most {MAX_PARTNERS}"
        remedy = "share them out over several with poll.shard; see docs/scaling.md"
        document.report(Invalid(reason, remedy), ("partners",))
        document.raise_if_wrong()
    listed: Any = document.root["partners"]
    complete = {one.name: _complete(one, tree, config) for one, tree in zip(config.partners, listed, strict=True)}
    return replace(config, partners=tuple(complete[one.name] for one in share), path=path)


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
    given = {key: environ[variable] for key, variable in _VARIABLES.items() if environ.get(variable)}
    root: dict[str, Tree] = {key: Scalar(written=value) for key, value in given.items()}
    try:
        return Config(partners=(structure(Document("", root), PartnerConfig),))
    except ConfigError as error:
        wrong = [replace(one, path=_VARIABLES[one.path]) for one in error.problems if one.reason != "missing"]
        raise ConfigError([*_not_set(given), *wrong]) from None


def _not_set(given: Container[str]) -> Iterator[Problem]:
    for key in ("auth_id", "auth_token"):
        if key not in given and f"{key}_file" not in given:
            remedy = f"set it or {_VARIABLES[f'{key}_file']}, or give --config.file"
            yield Problem(file="", line=None, path=_VARIABLES[key], reason="not set", remedy=remedy)
