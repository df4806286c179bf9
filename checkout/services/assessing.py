"""A purchase is assessed for fraud before its credit decision, which uses what was said."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Consumer
from checkout.models import Checkout
from checkout.ruling import place_of, purchase_of
from controls.rule_kinds import kept_rule
from controls.services.ruling import is_in_force
from core.db import pages, unit
from core.ids import parse_id
from core.writes import together, update
from credit.models import Decision
from credit.rules.safety import Assessed
from fraud import services as fraud
from fraud.models import Assessment
from fraud.purchases import UNASKED, Device
from fraud.queries import PROOF_VALID
from fraud.ruling import FRAUD
from payments.services import NOBODY, Asker

PAGE = 500
MOST_RULES = 8
"""The most rules that a decision keeps of an assessment, which has all of them."""


def assess_first(
    *, checkout: Checkout, consumer: Consumer, at: datetime, asker: Asker = NOBODY, device: Device = UNASKED, network: str = ""
) -> None:
    """Assess an identified checkout for its credit decision, and keep on it what was said; nothing if that was done within half an hour.

    Runs outside the decision's transaction, which then reads the checkout alone. Nothing is done while no rules about fraud are in force.
    """
    if not is_in_force(FRAUD) or found_of(checkout, consumer, at) is not None:
        return
    purchase = purchase_of(checkout, consumer, None, asker=asker, device=device, network=network, at=at)
    looked = fraud.look(purchase=purchase, place=place_of(checkout, consumer, at), at=at)
    checkout.assessed = {
        "assessment": looked.assessment.public_id,
        "says": looked.verdict.value,
        "version": looked.version,
        "rules": [kept_rule(finding, looked.version, FRAUD) for finding in looked.deciding[:MOST_RULES]],
        "of": _about(checkout, consumer),
        "at": at.isoformat(),
    }
    with unit(), together(prepared=True):
        fraud.keep_look(looked=looked)
        update(checkout, "assessed")


def _about(checkout: Checkout, consumer: Consumer) -> list[Any]:
    return [consumer.public_id, checkout.amount_minor]


def found_of(checkout: Checkout, consumer: Consumer, at: datetime) -> Assessed | None:
    """Return what was said of a checkout for its decision; None if that is over half an hour old, or about another person or amount."""
    told = checkout.assessed
    if not told or told["of"] != _about(checkout, consumer):
        return None
    if not timedelta(0) <= at - datetime.fromisoformat(told["at"]) < PROOF_VALID:
        return None
    return Assessed(told["assessment"], told["says"], told["version"], tuple(told["rules"]))


def replay_assessed() -> Iterator[tuple[Decision, bool]]:
    """Look up the assessment that each decision used, the oldest first; return whether it says what the decision keeps of it."""
    for page in pages(Decision.objects.filter(inputs__safety__assessment__isnull=False), PAGE):
        used = {one.pk: parse_id(Assessment.PREFIX, one.inputs["safety"]["assessment"]) for one in page}
        said = {key: told for key, *told in Assessment.objects.filter(pk__in=used.values()).values_list("pk", "verdict", "version")}
        yield from ((one, said.get(used[one.pk]) == [one.inputs["safety"]["says"], one.inputs["safety"]["version"]]) for one in page)


def asking(checkout: Checkout) -> uuid.UUID | None:
    """Return the key of the assessment for which a checkout's decision waits for another code; None if it waits for none."""
    decision = checkout.decision
    if decision is None or decision.outcome != "step_up":
        return None
    return parse_id(Assessment.PREFIX, decision.inputs["safety"]["assessment"])
