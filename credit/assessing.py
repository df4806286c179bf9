"""The assessment of an application: models, then rules, then a scorecard; and again from what was stored, for the same or changed facts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from accounts.models import Consumer
from controls.models import RuleCase
from core.clock import local_date
from credit import rules
from credit.grading import consult_grades, regraded
from credit.models import Decision
from credit.rules import Inputs, Verdict
from credit.ruling import consult_limits
from credit.scoring import ask_models, rescored
from markets.queries import economy_bps

BY_MODELS = frozenset({"scorecard-3"})
"""The scorecards for which models, and rules about grades, count."""


def consult(consumer: Consumer, decision: Decision, inputs: Inputs, at: datetime) -> tuple[Inputs, list[RuleCase]]:
    """Ask the models that have a role, and the rules in force, about a decision that is about to be made.

    Return the inputs with what they said, and the cases for the caller to save. Makes queries only for what this process has not cached.
    """
    inputs, graded = consult_grades(consumer, decision, ask_models(inputs, consumer.holder_id), at)
    inputs, limited = consult_limits(consumer, decision, inputs, at)
    return inputs, [case for case in (graded, limited) if case]


def consult_again(consumer: Consumer, decision: Decision, inputs: Inputs, at: datetime) -> Inputs:
    """Return inputs of an earlier decision, with other facts, with what its models and today's rules say of them; nothing is saved."""
    inputs = replace(inputs, ruled=None)
    if decision.versions["scorecard"] in BY_MODELS:
        inputs = consult_grades(consumer, decision, rescored(inputs), at)[0]
    return consult_limits(consumer, decision, inputs, at)[0]


def asked_today(consumer: Consumer, decision: Decision, at: datetime) -> Callable[[Inputs], Inputs]:
    """Return a function that gives inputs today's share of the market, and what the decision's models and today's rules say of them.

    Nothing is saved; no query but for what a process remembers.
    """

    def ask(inputs: Inputs) -> Inputs:
        share = economy_bps(consumer.market_id, local_date(at, consumer.time_zone))
        return consult_again(consumer, decision, replace(inputs, economy_bps=share), at)

    return ask


def asked_by_today(decision: Decision, inputs: Inputs) -> Inputs:
    """Return a decision's inputs with what the models that have a role today, and today's rules about grades, say of them."""
    consumer = decision.consumer
    return consult_grades(consumer, decision, ask_models(inputs, consumer.holder_id), decision.at)[0]


def resolved(inputs: Inputs, version: str, *, strict: bool = False) -> Inputs:
    """Return inputs with what the same models and the same rules about grades say of them now; unchanged for a scorecard that asks none.

    With `strict`, Damaged if a model's version cannot be used; else what it said stands.
    """
    return regraded(rescored(inputs, strict=strict)) if version in BY_MODELS else inputs


def assessor(version: str) -> Callable[[Inputs], Verdict]:
    """Return a scorecard that asks the same models again first; KeyError for an unknown scorecard."""
    assess = rules.SCORECARDS[version]
    return (lambda inputs: assess(resolved(inputs, version))) if version in BY_MODELS else assess
