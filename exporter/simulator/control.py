"""The control side, ``/_demo/...``: the truth, incidents, and stopping time. It needs no credentials."""

from __future__ import annotations

import json

from .incidents import IncidentError, incident_from_json
from .messages import Reply, Request, as_json, refusal
from .simulation import Simulation, World
from .truth import incident_json, incidents, truth

BASE_PATH = "/_demo"

_ONE = "/incident/"

_METHODS: dict[str, tuple[str, ...]] = {
    "/truth": ("GET",),
    "/incident": ("GET", "POST", "DELETE"),
    "/pause": ("POST",),
    "/resume": ("POST",),
    _ONE: ("DELETE",),
}


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
