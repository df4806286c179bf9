"""Controls: the clock, outages, health, and reset."""

import math
from typing import Any

from sandbox.chaos import Rule, rule_of
from sandbox.clock import MAX_OFFSET_S, iso
from sandbox.credit_files import tell, told_in
from sandbox.fields import birth_date_of, text_of
from sandbox.message import Answer, Request, json_answer, redirect, refuse
from sandbox.page import Safe, fill, page
from sandbox.texts import speak_to
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


FAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "": ("As it should", {}),
    "slow": ("Answers after 3 seconds", {"latency_ms": 3_000}),
    "error": ("Answers every request with 503", {"fail_rate": 1.0}),
    "some": ("Answers a third of the requests with 503", {"fail_rate": 0.33}),
    "wrong": ("Answers in another form", {"wrong_rate": 1.0}),
    "twice": ("Sends its answer twice", {"twice_rate": 1.0}),
    "silent": ("Hangs up before it records anything", {"hang_up_before_recording": 1.0}),
}
"""What a company can be told to do on the page of controls: in words, and as a rule."""


def controls(world: World, request: Request) -> Answer:
    """The page on which companies are told to misbehave."""
    speak_to(request, "en")
    return _controls_page(world, "")


def set_controls(world: World, request: Request) -> Answer:
    """Let one company misbehave, or end it; the form carries the sandbox's key."""
    speak_to(request, "en")
    form = request.form()
    target, fault = form.get("target", ""), form.get("fault", "")
    if not world.is_key(form.get("key")):
        return _controls_page(world, "This is not the sandbox's key. Nothing was changed.", 422)
    if target not in world.chaos.targets or fault not in FAULTS:
        return _controls_page(world, "Choose a company and what it does. Nothing was changed.", 422)
    world.chaos.set_rule(Rule(target, **FAULTS[fault][1]))
    return redirect("/controls/")


def _controls_page(world: World, error: str, status: int = 200) -> Answer:
    rules = world.chaos.rules
    rows = [fill("line", term=name, text=_described(rules.get(name))) for name in world.chaos.targets]
    targets = [fill("option", value=name, label=name) for name in world.chaos.targets]
    faults = [fill("option", value=name, label=words) for name, (words, _rule) in FAULTS.items()]
    told = fill("control_error", text=error) if error else ""
    body = fill("controls", error=told, rows=Safe("\n".join(rows)), targets=Safe("".join(targets)), faults=Safe("".join(faults)))
    return page("Controls", body, status=status)


def _described(rule: Rule | None) -> str:
    if rule is None:
        return FAULTS[""][0]
    return next((words for words, told in FAULTS.values() if Rule(rule.target, **told) == rule), "A rule of /control/chaos")


def tell_file(world: World, request: Request) -> Answer:
    """Tell what the credit agencies know of who has a name and a day of birth."""
    body = request.json()
    file = body.get("file")
    if not isinstance(file, dict):
        refuse(400, "invalid_request", "file must be a credit file.", field="file")
    tell(world, text_of(body, "name"), birth_date_of(body).isoformat(), told_in(file))
    return json_answer({"status": "ok"})


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
    ("POST", "/control/files", tell_file),
    ("GET", "/controls/", controls),
    ("POST", "/controls/", set_controls),
]
