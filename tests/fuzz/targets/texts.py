"""Short texts from the command line and the configuration: durations, addresses, incidents, other demo flags."""

from __future__ import annotations

import argparse
import zlib
from functools import partial
from math import isfinite
from pathlib import Path

from exporter.config.errors import ConfigError, Invalid
from exporter.config.kinds import format_duration, parse_duration
from exporter.simulator import add_demo_arguments, settings_from
from exporter.simulator.incidents import IncidentError, parse_incident
from exporter.web.http import WebServerError
from exporter.web.server import parse_listen_address
from tests.fuzz.target import Target, split

_FLAGS = ("listen-address", "seed", "speed", "volume", "partners", "midnight-in", "incident")
_SEEDS = (
    *split(
        b"0|90s|1h30m|292y|500ms|1y2w3d4h5m6s7ms|17|:10147|127.0.0.1:0|[::1]:9000",
        b"[fe80::1%lo]:1|localhost:80",
    ),
    *split(b"outage|fraud@2m:10m:0.8|correction@1m::0.5|api-slow:5m|0.5|1e3|-1|00080|9999", b"[::]:00000080|a.b-c.d:1"),
)
_WORDS = (
    *split(
        b"ms|y|w|d|h|m|s|KiB|GB|[|]|:|%|.|@|nan|inf|1e999|_|99999|65535|65536|00000|\xc2\xb2",
        b"\xd9\xa1|::ffff:|xn--|\x00",
    ),
    *split(b"answer-rate-drop|outage|silence|fraud|api-down|correction|frozen|malformed"),
)


class _Wrong(Exception):
    pass


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        assert "\n" not in message
        raise _Wrong


def target(_: Path) -> Target:
    """The target: one text, read in every way, and as one of the demo's flags."""
    parser = _Parser(add_help=False, allow_abbrev=False)
    add_demo_arguments(parser)
    return Target(
        holds="a value within its range that means what was written, or a refusal in one line",
        check=partial(_check, parser),
        seeds=_SEEDS,
        words=_WORDS,
        max_length=256,
    )


def _check(parser: argparse.ArgumentParser, data: bytes) -> None:
    # as the system hands over arguments
    text = data.decode("utf-8", "surrogateescape")
    _duration(text)
    _listen_address(text)
    _incident(text)
    if text != "--":
        # one of them for each input: argparse takes longer than all the rest
        _demo_flag(parser, f"--demo.{_FLAGS[zlib.crc32(data) % len(_FLAGS)]}={text}")


def _duration(text: str) -> None:
    try:
        seconds = parse_duration(text)
    except Invalid as error:
        assert "\n" not in str(error)
        return
    assert 0 <= seconds <= 292.5 * 365 * 86_400
    assert parse_duration(format_duration(seconds)) == seconds


def _listen_address(text: str) -> None:
    try:
        host, port = parse_listen_address(text)
    except WebServerError as error:
        assert str(error).isprintable(), "not one line"
        return
    assert 0 <= port <= 65535
    # what the resolver takes, whether it knows it or not
    assert host.isascii()
    assert host.isprintable()


def _incident(text: str) -> None:
    try:
        spec = parse_incident(text)
    except IncidentError as error:
        assert str(error).isprintable(), "not one line"
        return
    assert 0 <= spec.after < 3.2e8
    assert spec.duration is None or 0 < spec.duration < 3.2e8
    assert 0 < spec.depth <= 1


def _demo_flag(parser: argparse.ArgumentParser, argument: str) -> None:
    try:
        settings = settings_from(parser.parse_args([argument]))
    except (_Wrong, ConfigError):
        return
    assert 0 <= settings.port <= 65535
    settings.host.encode("idna")
    assert isfinite(settings.speed)
    assert settings.speed > 0
    assert 0 <= settings.volume <= 1e6
    assert 1 <= settings.partners <= 9999
    assert settings.midnight_in is None or 0 < settings.midnight_in <= 86_400
