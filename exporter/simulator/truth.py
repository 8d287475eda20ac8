"""What really happened: the figures that a perfect exporter would have, as ``GET /_demo/truth`` gives them."""

from __future__ import annotations

from datetime import datetime, timezone

from . import answers
from .books import TOTAL
from .climate import DIRECTIONS, PRODUCTS
from .partner import Shown, SimulatedPartner
from .simulation import World
from .tally import Tally
from .timeline import Incident

DEFINITION = (
    "Since the start, each call once: for each day and each series (the total, a direction, a product) the highest"
    " figure that the day's row ever had, less its figure at the start, summed over days. A correction takes nothing"
    " off, and calls that fill the gap it left add nothing; after one, the parts may add up to more than the total."
    " 'visible' is the same as the API shows it at this moment: it stands still while the answers are frozen."
)


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
        **_figures(partner.actual),
        **_money(partner, partner.actual),
        "visible": {**_figures(partner.shown), **_money(partner, partner.shown)},
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


def _figures(shown: Shown) -> answers.Json:
    counted = shown.books.counted
    return {
        "today": shown.today.isoformat(),
        "balance": answers.money(shown.balance),
        **_tally(counted[TOTAL]),
        "by_direction": {direction: _tally(counted[direction]) for direction in DIRECTIONS},
        "by_product": {product: _tally(counted[product]) for product in PRODUCTS},
    }


def _tally(tally: Tally) -> answers.Json:
    return {
        "calls": tally.calls,
        "answered_calls": tally.answered,
        "seconds": tally.seconds,
        "cost": answers.cost(tally.cost),
    }
