"""The simulator in words: where it listens, who may ask, what will happen, how to make something happen."""

from __future__ import annotations

from collections.abc import Iterator

from .climate import DAY
from .incidents import Kind, format_duration
from .simulation import Simulation, World
from .timeline import Incident

EXAMPLE_SECONDS = 600.0
"""Real seconds that the incident of the example lasts."""


def describe_simulation(simulation: Simulation, *, url: str, control_url: str, max_partners: int) -> str:
    """Return several lines for a terminal; no more than ``max_partners`` credentials are listed."""
    with simulation.world() as world:
        return "\n".join(_lines(world, url, control_url, max_partners)) + "\n"


def _lines(world: World, url: str, control_url: str, max_partners: int) -> Iterator[str]:
    settings, auth_ids = world.settings, world.auth_ids
    yield f"Simulated Vobiz Partner API: {url}"
    for auth_id in auth_ids[:max_partners]:
        yield f"  X-Auth-ID: {auth_id}   X-Auth-Token: {world.token(auth_id)}"
    if len(auth_ids) > max_partners:
        yield f"  and {len(auth_ids) - max_partners} more, up to {auth_ids[-1]}: GET / lists them all"
    yield (
        f"  {settings.volume:g} calls an hour and partner, {settings.speed:g} simulated seconds a second,"
        f" seed {settings.seed}; the server's midnight comes in {_soon(DAY - world.now % DAY, settings.speed)}"
    )
    pending = world.timeline.pending(world.now)
    yield "What will happen:" if pending else "Nothing out of the ordinary will happen until you ask for it."
    for incident in pending:
        yield f"  {_incident(incident, world)}"
    # a pager needs some real minutes to see it, whatever the speed
    lasting = format_duration(EXAMPLE_SECONDS * settings.speed)
    soon = _soon(EXAMPLE_SECONDS * settings.speed, settings.speed)
    yield f"Break it for {soon}. The API refuses the token, which the next poll sees:"
    yield f'  curl -d \'{{"kind": "unauthorized", "duration": "{lasting}"}}\' {control_url}/incident'
    yield "Or half of the answers are lost, which takes some minutes to tell from chance:"
    yield f'  curl -d \'{{"kind": "answer-rate-drop", "duration": "{lasting}", "depth": 0.5}}\' {control_url}/incident'
    yield "End it, see the truth:"
    yield f"  curl -X DELETE {control_url}/incident"
    yield f"  curl {control_url}/truth"
    yield f"  curl -X POST {control_url}/pause (time stands still; .../resume lets it go on)"
    yield f"  kinds: {', '.join(kind.value for kind in Kind)}"


def _incident(incident: Incident, world: World) -> str:
    spec, speed = incident.spec, world.settings.speed
    wait = incident.start - world.now
    when = f"in {_soon(wait, speed)}" if wait > 0 else "now"
    if spec.kind is Kind.CORRECTION:
        lasting = ""
    elif spec.duration is None:
        lasting = ", until cleared"
    else:
        lasting = f", for {_soon(spec.duration, speed)}"
    who = "".join(f", {part}" for part in (spec.direction, spec.partner) if part)
    return f"{incident.number}. {spec.kind.value} (depth {spec.depth:g}{who}) {when}{lasting}"


def _soon(seconds: float, speed: float) -> str:
    simulated = format_duration(seconds)
    return simulated if speed == 1 else f"{simulated} ({format_duration(seconds / speed)} of real time)"
