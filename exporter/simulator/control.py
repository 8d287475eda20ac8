"""The control side, ``/_demo/...``: the truth, incidents, and stopping time. It needs no credentials.

The truth is what really happened: the values that a perfect exporter would have.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone

from . import answers
from .books import TOTAL, Tally
from .climate import DIRECTIONS, PRODUCTS
from .incidents import IncidentError, incident_from_json
from .messages import Reply, Request, as_json, refusal
from .partner import Shown, SimulatedPartner
from .simulation import Simulation, World
from .timeline import Incident

BASE_PATH = "/_demo"

_ONE = "/incident/"

_METHODS: dict[str, tuple[str, ...]] = {
    "/truth": ("GET",),
    "/incident": ("GET", "POST", "DELETE"),
    "/pause": ("POST",),
    "/resume": ("POST",),
    _ONE: ("DELETE",),
}


DEFINITION = (
    "Since the start, each call once: for each day and each series (the total, a direction, a product) the highest"
    " value that the day's row ever had, less its value at the start, summed over days. A correction takes nothing"
    " off, and calls that fill the gap it left add nothing; after one, the parts may add up to more than the total."
    " 'withdrawn' is what of the count the rows do not hold any more: the count less this is their present sum."
    " 'visible' is the same as the API shows it at this moment: it stands still while the answers are frozen."
)


class Control:
    """Answers requests below ``BASE_PATH``."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def answer(self, request: Request) -> Reply:
        """Return the reply; a request that cannot be followed is answered by one line that says why."""
        path = request.path.removeprefix(BASE_PATH)
        number = path.removeprefix(_ONE) if path.startswith(_ONE) else None
        allowed = _METHODS.get(path if number is None else _ONE, ())
        if not allowed:
            return refusal(404, "no such path; GET / lists them")
        if request.method not in allowed:
            return refusal(405, f"allowed here: {', '.join(allowed)}", headers=(("Allow", ", ".join(allowed)),))
        with self._simulation.world() as world:
            if path == "/truth":
                return as_json(200, truth(world))
            if path in ("/pause", "/resume"):
                return _halt(world, path == "/pause")
            if request.method == "GET":
                return as_json(200, {"incidents": incidents(world)})
            if request.method == "POST":
                return _start(world, request.body)
            return _clear(world, number)


def _halt(world: World, pause: bool) -> Reply:
    if pause:
        world.clock.pause()
    else:
        world.clock.resume()
    return as_json(200, {"paused": world.clock.paused})


def _start(world: World, body: bytes) -> Reply:
    try:
        spec = incident_from_json(json.loads(body), partners=world.auth_ids)
    except IncidentError as error:
        return refusal(400, str(error))
    except (ValueError, RecursionError):
        return refusal(400, "the body is not JSON")
    return as_json(201, incident_json(world.timeline.add(spec, now=world.now), world.now))


def _clear(world: World, number: str | None) -> Reply:
    if number is not None and not (number.isascii() and number.isdigit() and len(number) < 10):
        return refusal(404, "no such incident; GET /_demo/incident lists them")
    cleared = world.timeline.clear(None if number is None else int(number), now=world.now)
    if number is not None and not cleared:
        return refusal(404, "no such incident; GET /_demo/incident lists them")
    return as_json(200, {"cleared": cleared})


def truth(world: World) -> answers.Json:
    """Return the whole truth. Seconds are talk time, cost is in rupees, times are simulated."""
    return {
        "definition": DEFINITION,
        "now": stamp(world.now),
        "speed": world.clock.speed,
        "paused": world.clock.paused,
        "incidents": incidents(world),
        "partners": {partner.auth_id: _partner(partner) for partner in world.partners()},
    }


def incidents(world: World) -> list[answers.Json]:
    """Return the incidents that run or are still to come."""
    return [incident_json(incident, world.now) for incident in world.timeline.pending(world.now)]


def incident_json(incident: Incident, now: float) -> answers.Json:
    """Return one incident; ``depth`` is 0 to 1, ``end`` null for one that lasts until it is cleared."""
    spec = incident.spec
    return {
        "id": incident.number,
        "kind": spec.kind.value,
        "depth": spec.depth,
        "direction": spec.direction,
        "partner": spec.partner,
        "start": stamp(incident.start),
        "end": None if incident.end is None else stamp(incident.end),
        "running": incident.runs(now),
    }


def stamp(at: float) -> str:
    """Return a simulated time as UTC in ISO 8601, to the millisecond."""
    return datetime.fromtimestamp(at, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _partner(partner: SimulatedPartner) -> answers.Json:
    return {
        "currency": answers.CURRENCY,
        "accounts": answers.accounts(partner),
        "records": _records(partner),
        **_values(partner.actual),
        **_money(partner, partner.actual),
        "visible": {**_values(partner.shown), **_money(partner, partner.shown)},
    }


def _records(partner: SimulatedPartner) -> answers.Json:
    """The call records that were written since the start, by what ``/cdrs`` says of them."""
    counted = partner.records.counted
    return {
        "calls": sum(counted.values()),
        "last_id": partner.records.last_id,
        "by_cause": [
            {
                "direction": direction,
                "answered": answered,
                "cause": cause.name,
                "code": cause.code,
                "source": cause.source,
                "calls": calls,
            }
            for (direction, answered, cause), calls in sorted(counted.items(), key=lambda item: str(item[0]))
        ],
    }


def _money(partner: SimulatedPartner, shown: Shown) -> answers.Json:
    """The partner's own wallet, and each customer as ``/accounts`` states it, without what is personal."""
    return {
        "wallet": answers.money(shown.master),
        "customers": {
            customer.auth_id: {
                "balance": answers.money(credit),
                "is_active": customer.is_active,
                "enabled": customer.enabled,
                "kyc_status": customer.kyc_status,
                "postpaid": customer.postpaid,
            }
            for customer, credit in zip(partner.customers, shown.credits, strict=True)
        },
    }


def _values(shown: Shown) -> answers.Json:
    return {
        "today": shown.today.isoformat(),
        "balance": answers.money(shown.balance),
        **_tallies(shown.books.counted),
        "withdrawn": _tallies(shown.books.withdrawn),
    }


def _tallies(series: Mapping[str, Tally]) -> answers.Json:
    return {
        **_tally(series[TOTAL]),
        "by_direction": {direction: _tally(series[direction]) for direction in DIRECTIONS},
        "by_product": {product: _tally(series[product]) for product in PRODUCTS},
    }


def _tally(tally: Tally) -> answers.Json:
    return {
        "calls": tally.calls,
        "answered_calls": tally.answered,
        "seconds": tally.seconds,
        "cost": answers.cost(tally.cost),
    }
