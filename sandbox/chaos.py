"""Outages on request: slow answers, errors, hang-ups after recording, repeated and shuffled events."""

import random
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.message import refuse

ALL = "all"


@dataclass(slots=True)
class Rule:
    """The faults at one target. A hang-up count is an int (the next N POSTs), a probability a float."""

    target: str
    match: str = ""
    latency_ms: int = 0
    fail_rate: float = 0.0
    hang_up_after_recording: int | float = 0
    hang_up_before_recording: int | float = 0
    silent_after_recording: int | float = 0
    wrong_rate: float = 0.0
    twice_rate: float = 0.0
    repeat_events: int = 0
    shuffle_events: bool = False
    lose_events: bool = False
    seed: int | None = None


@dataclass(slots=True)
class Plan:
    """The faults of one request."""

    fail: bool = False
    hang_up_before: bool = False
    hang_up_after: bool = False
    silent: bool = False
    wrong: bool = False
    twice: bool = False
    delay_s: float = 0.0


class Chaos:
    """Holds at most one rule for each target, in memory only: a restart ends all faults."""

    def __init__(self, apis: dict[str, tuple[str, ...]]) -> None:
        """Take the path prefixes of each target."""
        self.targets = (*apis, ALL)
        self._prefixes = [(prefix, name) for name, prefixes in apis.items() for prefix in prefixes]
        self.rules: dict[str, Rule] = {}
        self._random = random.Random()  # noqa: S311 - bad luck need not be secret

    def set_rule(self, rule: Rule) -> None:
        """Replace the rule of a target; an empty rule clears it."""
        if rule.seed is not None:
            self._random.seed(rule.seed)
        if rule == Rule(rule.target, seed=rule.seed):
            self.rules.pop(rule.target, None)
        else:
            self.rules[rule.target] = rule

    def described(self) -> list[dict[str, Any]]:
        """All rules as JSON; hang-up counts show what is left."""
        return [asdict(rule) for rule in self.rules.values()]

    def plan(self, method: str, path: str) -> Plan:
        """Draw the faults of a request."""
        plan = Plan()
        target = self._target_of(path)
        for rule in [self.rules[name] for name in (target, ALL) if target and name in self.rules]:
            if rule.match in path:
                self._apply(rule, method, plan)
        return plan

    def _apply(self, rule: Rule, method: str, plan: Plan) -> None:
        plan.delay_s += rule.latency_ms / 1000
        plan.fail = plan.fail or self._drawn(rule.fail_rate)
        plan.wrong = plan.wrong or self._drawn(rule.wrong_rate)
        plan.twice = plan.twice or self._drawn(rule.twice_rate)
        if method == "POST" and not plan.fail:
            plan.hang_up_before = self._strikes(rule, "hang_up_before_recording") or plan.hang_up_before
            plan.hang_up_after = plan.hang_up_after or (not plan.hang_up_before and self._strikes(rule, "hang_up_after_recording"))
            plan.silent = plan.silent or (not plan.hang_up_before and self._strikes(rule, "silent_after_recording"))

    def _drawn(self, rate: float) -> bool:
        return rate > 0 and self._random.random() < rate

    def _strikes(self, rule: Rule, name: str) -> bool:
        value = getattr(rule, name)
        if isinstance(value, float):
            return self._random.random() < value
        if value > 0:
            setattr(rule, name, value - 1)
        return bool(value > 0)

    def _target_of(self, path: str) -> str | None:
        """The target whose API a path belongs to; pages and controls have none."""
        return next((name for prefix, name in self._prefixes if path.startswith(prefix)), None)

    def event_copies(self, target: str) -> int:
        """How often an event of a company is sent."""
        return 1 + max((self.rules[name].repeat_events for name in (target, ALL) if name in self.rules), default=0)

    def loses_events(self, target: str) -> bool:
        """Whether the events of a company are recorded and never sent."""
        return any(self.rules[name].lose_events for name in (target, ALL) if name in self.rules)

    def shuffles(self) -> bool:
        """Whether events are sent out of order."""
        return any(rule.shuffle_events for rule in self.rules.values())

    def shuffle(self, items: list[Any]) -> None:
        """Shuffle a list in place."""
        self._random.shuffle(items)


def rule_of(body: dict[str, Any], targets: tuple[str, ...]) -> Rule:
    """Read a rule from a request; refuses unknown fields and wrong types."""
    if body.get("target") not in targets:
        refuse(400, "invalid_request", f"target must be one of {', '.join(targets)}.", field="target")
    kinds: dict[str, tuple[type, ...]] = {
        "target": (str,),
        "match": (str,),
        "latency_ms": (int,),
        "fail_rate": (int, float),
        "wrong_rate": (int, float),
        "twice_rate": (int, float),
        "hang_up_after_recording": (int, float),
        "hang_up_before_recording": (int, float),
        "silent_after_recording": (int, float),
        "repeat_events": (int,),
        "shuffle_events": (bool,),
        "lose_events": (bool,),
        "seed": (int,),
    }
    given = {name: value for name, value in body.items() if value is not None}
    for name, value in given.items():
        wrong_kind = name not in kinds or not isinstance(value, kinds[name]) or (isinstance(value, bool) and bool not in kinds[name])
        if wrong_kind or (isinstance(value, (int, float)) and name != "seed" and not 0 <= value <= 1_000_000):
            refuse(400, "invalid_request", f"{name} is unknown or has a wrong value.", field=name)
    return Rule(**given)
