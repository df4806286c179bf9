"""Controls: the clock, outages, health, and reset."""

import math

from sandbox.chaos import rule_of
from sandbox.clock import MAX_OFFSET_S, iso
from sandbox.message import Answer, Request, json_answer, refuse
from sandbox.world import World


def health(world: World, _request: Request) -> Answer:
    """Whether the sandbox runs, with the number of its stored objects."""
    counts = {name: world.store.one_value(f"SELECT coalesce(max(seq) - min(seq) + 1, 0) FROM {name}") for name in world.store.numbered}  # noqa: S608 - our own names
    counts["events_waiting"] = world.store.one_value("SELECT count(*) FROM events WHERE next_try IS NOT NULL")
    return json_answer({"status": "ok", "now": iso(world.clock.now_ms()), "counts": counts})


def clock(world: World, _request: Request) -> Answer:
    """The sandbox time."""
    return json_answer({"now": iso(world.clock.now_ms()), "offset_seconds": _plain(world.clock.offset_s)})


def set_clock(world: World, request: Request) -> Answer:
    """Move the sandbox time."""
    body = request.json()
    name = "forward_seconds" if "forward_seconds" in body else "offset_seconds"
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        refuse(400, "invalid_request", f"{name} must be a number of seconds.", field=name)
    offset_s = value + (world.clock.offset_s if name == "forward_seconds" else 0)
    if abs(offset_s) > MAX_OFFSET_S or (name == "forward_seconds" and value < 0):
        refuse(400, "invalid_request", f"{name} is out of range.", field=name)
    world.clock.set_offset(offset_s)
    world.do_due()
    return clock(world, request)


def _plain(seconds: float) -> float | int:
    return int(seconds) if seconds == int(seconds) else seconds


def chaos(world: World, _request: Request) -> Answer:
    """The current outages."""
    return json_answer({"rules": world.chaos.described()})


def set_chaos(world: World, request: Request) -> Answer:
    """Start an outage, or end it."""
    world.chaos.set_rule(rule_of(request.json(), world.chaos.targets))
    return chaos(world, request)


def reset(world: World, _request: Request) -> Answer:
    """Delete everything except the address for events."""
    world.reset()
    return json_answer({"status": "ok"})


ROUTES = [
    ("GET", "/control/health", health),
    ("GET", "/control/clock", clock),
    ("POST", "/control/clock", set_clock),
    ("GET", "/control/chaos", chaos),
    ("POST", "/control/chaos", set_chaos),
    ("POST", "/control/reset", reset),
]
