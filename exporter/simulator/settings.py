"""How the simulator is set up, and the command-line flags for it, which other programs may take over as they are."""

from __future__ import annotations

import argparse
import math
import re
from dataclasses import dataclass

from .climate import DAY
from .customers import USUAL
from .incidents import FORM, IncidentError, IncidentSpec, Kind, parse_duration, parse_incident

_MAX_PARTNERS = 9_999
_MAX_CUSTOMERS = 10_000
_MAX_CALLS = 1_000_000.0
_MIN_SPEED, _MAX_SPEED = 0.001, 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSettings:
    """Everything that makes up one run of the simulator.

    ``speed``: simulated seconds a second. ``volume``: calls an hour and partner on average, both directions together.
    ``customers``: of each partner. ``midnight_in``: simulated seconds from the start to the server's midnight; None:
    the simulated clock starts at the real UTC time. The same settings at the same real time give the same values.
    """

    host: str = "127.0.0.1"
    port: int = 0
    seed: int = 1
    speed: float = 1.0
    volume: float = 3_000.0
    partners: int = 1
    customers: int = USUAL
    incidents: tuple[IncidentSpec, ...] = ()
    midnight_in: float | None = None


def add_demo_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the ``--demo.*`` flags to ``parser``; ``settings_from`` reads what it parsed."""
    usual = DemoSettings()
    group = parser.add_argument_group("simulated Vobiz")
    group.add_argument(
        "--demo.listen-address",
        dest="demo_listen_address",
        type=_address,
        default=(usual.host, usual.port),
        metavar="HOST:PORT",
        help="where the simulated API listens; port 0 takes a free one (default: 127.0.0.1:0)",
    )
    group.add_argument(
        "--demo.seed",
        dest="demo_seed",
        type=int,
        default=usual.seed,
        metavar="N",
        help="another seed makes another world, and other tokens (default: %(default)s)",
    )
    group.add_argument(
        "--demo.speed",
        dest="demo_speed",
        type=_speed,
        default=usual.speed,
        metavar="FACTOR",
        help="simulated seconds a second (default: %(default)g)",
    )
    group.add_argument(
        "--demo.volume",
        dest="demo_volume",
        type=_volume,
        default=usual.volume,
        metavar="CALLS",
        help="calls an hour and partner on average, both directions together (default: %(default)g)",
    )
    group.add_argument(
        "--demo.partners",
        dest="demo_partners",
        type=_partners,
        default=usual.partners,
        metavar="N",
        help="how many partners there are: PA_DEMO0001 and so on (default: %(default)s)",
    )
    group.add_argument(
        "--demo.customers",
        dest="demo_customers",
        type=_customers,
        default=usual.customers,
        metavar="N",
        help="how many customers each partner has (default: %(default)s)",
    )
    group.add_argument(
        "--demo.midnight-in",
        dest="demo_midnight_in",
        type=_before_midnight,
        default=None,
        metavar="DURATION",
        help="start the simulated clock this long before the server's midnight (default: at the real UTC time)",
    )
    group.add_argument(
        "--demo.incident",
        dest="demo_incidents",
        type=_incident,
        action="append",
        metavar=FORM,
        help="something that goes wrong; may be repeated. KIND: "
        + ", ".join(kind.value for kind in Kind)
        + ". AFTER the start (such as 2m; default: at once) and DURATION (default: until cleared) are simulated time:"
        " at speed 60, 10m pass in 10 real seconds. DEPTH, above 0 to 1: share of the answer rate lost (default 0.5),"
        " strength of a fraud (0.5), share of outbound calls rejected for want of credits, by the carrier or by a spam"
        " filter (0.5), share of today's values that a correction takes back (0.1), share of requests"
        " that an API incident hits (1). Both are optional: fraud@2m:0.8, fraud@2m:10m, fraud@2m:10m:0.8",
    )


def settings_from(args: argparse.Namespace) -> DemoSettings:
    """Return the settings that a parser with ``add_demo_arguments`` has read."""
    host, port = args.demo_listen_address
    return DemoSettings(
        host=host,
        port=port,
        seed=args.demo_seed,
        speed=args.demo_speed,
        volume=args.demo_volume,
        partners=args.demo_partners,
        customers=args.demo_customers,
        incidents=tuple(args.demo_incidents or ()),
        midnight_in=args.demo_midnight_in,
    )


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    # the resolver takes no label of more than 63 characters, and the number of a port has five digits
    if not colon or not re.fullmatch("[0-9]{1,5}", port) or int(port) > 65_535 or not _can_be_resolved(host):
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080")
    return host, int(port)


def _can_be_resolved(host: str) -> bool:
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return True


def _number(text: str, *, least: float, most: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from {least:g} to {most:g}")
    return number


def _speed(text: str) -> float:
    return _number(text, least=_MIN_SPEED, most=_MAX_SPEED)


def _volume(text: str) -> float:
    return _number(text, least=0, most=_MAX_CALLS)


def _partners(text: str) -> int:
    return _count(text, most=_MAX_PARTNERS)


def _customers(text: str) -> int:
    return _count(text, most=_MAX_CUSTOMERS)


def _count(text: str, *, most: int) -> int:
    number = _number(text, least=1, most=most)
    if number != int(number):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(number)


def _before_midnight(text: str) -> float:
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if not 0 < seconds <= DAY:
        raise argparse.ArgumentTypeError(f"{text!r} is not within a day; write for example 2m")
    return seconds


def _incident(text: str) -> IncidentSpec:
    try:
        return parse_incident(text)
    except IncidentError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
