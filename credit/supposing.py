"""What a stored decision would have been with something else: another model, another version of rules, or the law of another day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from accounts.classes import place_of_person
from controls.models import RuleCase, RuleVersion
from controls.rules.sets import Place
from credit.grading import GRADES, graded_by
from credit.models import Decision
from credit.queries import find_law
from credit.rules import CURRENT, Inputs
from credit.ruling import LIMITS, ruled_by
from credit.scoring import Held, rescored, scored_by

RULE_SETS = (GRADES, LIMITS)
Reign = tuple[int, datetime, datetime | None]


@dataclass(frozen=True, slots=True)
class Supposed:
    """What is supposed; all else is as it was.

    `rules` are versions by kind of rules, and `law` is the day whose law asks what is affordable. `reigns` are the versions of the rules
    about limits that were ever in force, each with its time, the newest first (`list_reigns`).
    """

    scorecard: str = ""
    model: Held | None = None
    rules: Mapping[str, int] = field(default_factory=dict)
    law: date | None = None
    reigns: Sequence[Reign] = ()

    def __bool__(self) -> bool:
        return bool(self.scorecard or self.has_parts)

    @property
    def has_parts(self) -> bool:
        """Whether a part is named, and not only a scorecard."""
        return bool(self.model or self.rules or self.law)

    @property
    def version(self) -> str:
        """The scorecard that decides: the newest one decides as older ones did, as long as nothing that they did not know is supposed."""
        return self.scorecard or (CURRENT if self.has_parts else "")


def supposed_inputs(decision: Decision, stored: Inputs, what: Supposed, case: RuleCase | None) -> Inputs:
    """Return a decision's inputs with what the supposed model, rules and law say of them.

    `decision` has its consumer, and `case` is what rules about limits were told of it, if that is still kept. Damaged if a model of before
    cannot be asked; Faults if a rule names a fact that is gone.
    """
    inputs = stored
    if inputs.bureau is not None and (what.model or what.rules):
        place = _place(decision, stored)
        inputs = scored_by(inputs, what.model) if what.model else rescored(inputs, strict=True)
        version = what.rules.get(GRADES) or (stored.grade.version if stored.grade else 0)
        inputs = graded_by(inputs, version, place) if version else inputs
        limits = what.rules.get(LIMITS) or _limits_then(stored, case, what.reigns, decision.at)
        inputs = ruled_by(decision.consumer, inputs, limits, place, case, decision.at)
    return _with_law(decision, inputs, what.law) if what.law else inputs


def is_unknown(decision: Decision, stored: Inputs, what: Supposed) -> bool:
    """Return whether the supposed law asks what the person could afford, and the decision did not keep what their payments were."""
    if what.law is None or stored.bureau is None or stored.afford is not None:
        return False
    law = find_law(decision.consumer.market_id, decision.currency, what.law)
    return law is not None and law.applies(stored.used_minor + stored.amount_minor)


def _place(decision: Decision, stored: Inputs) -> Place:
    """Return where rules were asked; for a decision without a grade, the person's place with the classes that they have today."""
    there = stored.grade.place if stored.grade else None
    if there:
        return Place(there["brand"], there["market"], "", tuple(there["groups"]), date.fromisoformat(there["on"]))
    return place_of_person(decision.consumer, decision.at)


def _limits_then(stored: Inputs, case: RuleCase | None, reigns: Sequence[Reign], at: datetime) -> int:
    """Return the version of the rules about limits at the time of a decision; 0 if none was in force."""
    if case is not None:
        return case.version
    if stored.ruled and stored.ruled.rules:
        return int(stored.ruled.rules[0]["version"])
    return next((number for number, began, ended in reigns if began <= at and (ended is None or at < ended)), 0)


def list_reigns() -> list[Reign]:
    """Return when each version of the rules about limits was in force, the newest first."""
    begun = RuleVersion.objects.filter(kind=LIMITS, began_at__isnull=False).order_by("-began_at")
    return [(one.number, one.began_at, one.ended_at) for one in begun.only("number", "began_at", "ended_at") if one.began_at]


def _with_law(decision: Decision, inputs: Inputs, on: date) -> Inputs:
    """Return inputs under a market's law of a day; where affordability was not assessed, what the payments were is not known."""
    law = find_law(decision.consumer.market_id, decision.currency, on)
    if law is None or not law.applies(inputs.used_minor + inputs.amount_minor):
        return replace(inputs, afford=None)
    return inputs if inputs.afford is None else replace(inputs, afford=replace(inputs.afford, law=law))
