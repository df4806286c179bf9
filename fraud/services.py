"""Assess attempts to buy, save assessments, and delete their data with the person."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from controls.models import RuleCase
from controls.rules.sets import Finding, Place
from controls.services import clear_cases, consult_rules
from core.db import unit
from core.money import Money
from core.outbox import append
from core.writes import insert
from fraud.counters import forget, note_and_count
from fraud.desk.queries import case_of
from fraud.events import PurchaseAssessed
from fraud.gathering import hashes_of, listed_under, signals_of
from fraud.models import ACT_KEYS, KEYS, AccountAct, Assessment, FraudCase, ListEntry, Sighting
from fraud.network import standing
from fraud.network.rules import things_of
from fraud.purchases import Purchase
from fraud.queries import find_before
from fraud.replaying import asked_at, verdict_of
from fraud.ruling import FRAUD
from fraud.scoring import ask_models
from fraud.states import ASKED, STOPS, Listed, Moment, Verdict

CONTACTS = 3
"""The number of first KEYS that identify a person directly: account, e-mail address and phone number."""


@dataclass(frozen=True, slots=True)
class Assessed:
    """An unsaved assessment: the verdict, the rules that held, their version, and the rows to save.

    `first_seen`: the device has an id of its own, and the person was not seen with it before.
    """

    verdict: Verdict
    findings: Sequence[Finding]
    version: int
    assessment: Assessment
    sighting: Sighting
    case: RuleCase
    first_seen: bool

    @property
    def deciding(self) -> list[Finding]:
        """The rules whose outcome is the verdict."""
        return [one for one in self.findings if one.then.outcome == self.verdict]


def look(*, purchase: Purchase, place: Place, at: datetime) -> Assessed:
    """Assess a purchase before its credit decision, when no card is known: as `assess`, but it does not count as an attempt.

    Nothing asks for the confirmation of a card; the last click does. Writes nothing.
    """
    return _assess(purchase, place, at, Moment.DECISION)


def keep_look(*, looked: Assessed) -> Assessment:
    """Save a look, in the caller's transaction: as an attempt if it stops the purchase, and else its assessment alone."""
    if looked.verdict not in STOPS:
        insert(looked.assessment)
        return looked.assessment
    values = {key: getattr(looked.sighting, key) for key in KEYS}
    note_and_count(values, subject=looked.assessment.subject, at_s=looked.assessment.at.timestamp())
    return keep_assessment(assessed=looked)


def assess(*, purchase: Purchase, place: Place, at: datetime) -> Assessed:
    """Gather the signals of an attempt to buy and evaluate the rules; writes only the counters.

    For a value on the allow list, only a refusal counts: it is not held or asked for a code. Always takes four SQL statements, and one more
    if Redis lacks a value.
    """
    return _assess(purchase, place, at, Moment.CONSENT)


def _assess(purchase: Purchase, place: Place, at: datetime, moment: Moment) -> Assessed:
    values, looks = hashes_of(purchase), moment == Moment.DECISION
    counts = note_and_count(values, subject=purchase.subject, at_s=at.timestamp(), note=not looks)
    before = find_before(
        consumer=purchase.consumer,
        person=values["person_key"],
        device=values["device"],
        browser=values["browser"],
        card=values["card"],
        merchant=purchase.merchant,
        currency=purchase.currency,
        subject=purchase.subject,
        listed=listed_under(purchase, values),
        network=purchase.network,
        at=at,
    )
    found = standing(purchase.consumer.holder_id, things_of(values))
    signals = signals_of(purchase, counts, before, found, at)
    scores = ask_models(signals, subject=purchase.subject)
    signals["model_risk"] = scores[scores["decides"]]["risk"] if scores else None
    amount = Money(purchase.amount_minor, purchase.currency)
    asked, case = consult_rules(kind=FRAUD, subject=purchase.subject, facts=signals, place=place, amount=amount, at=at)
    proofs = {Verdict.STEP_UP: before.proved, Verdict.CONFIRM: before.card_proved or looks}
    met, is_allowed = [one.value for one, is_met in proofs.items() if is_met], before.listed == Listed.ALLOW
    verdict = verdict_of([one.then.outcome for one in asked.findings], met=met, is_allowed=is_allowed)
    known: dict[str, Any] = {"consumer": purchase.consumer, "subject": purchase.subject, "verdict": verdict.value, "at": at}
    told = {name: value for name, value in signals.items() if value is not None}
    kept = {
        "findings": case.findings,
        "version": asked.version,
        "asked": asked_at(place, purchase.currency, met=met, is_allowed=is_allowed),
    }
    money = {"merchant": purchase.merchant, "amount_minor": purchase.amount_minor, "currency": purchase.currency}
    return Assessed(
        verdict,
        asked.findings,
        asked.version,
        Assessment(moment=moment, signals=told, scores=scores, **kept, **known),
        Sighting(**known, **money, **values),
        case,
        bool(purchase.device.id) and not before.device.by_id,
    )


def keep_assessment(*, assessed: Assessed, order: str = "") -> Assessment:
    """Save an assessment, with the public id of its order, if any, in the caller's transaction."""
    assessed.assessment.order = order
    case = case_of(assessed.assessment, assessed.sighting)
    for row in (assessed.assessment, assessed.sighting, assessed.case, *([case] if case else [])):
        insert(row)
    append(PurchaseAssessed(sighting=assessed.sighting.public_id), at=assessed.sighting.at)
    return assessed.assessment


def prove(*, assessment_id: uuid.UUID, at: datetime) -> None:
    """Record that the person entered the code that an assessment asked for, so that nobody has to look at it. Safe to repeat."""
    with unit():
        FraudCase.objects.filter(pk=assessment_id, verdict__in=ASKED, label="").delete()
        Assessment.objects.filter(id=assessment_id, verdict__in=ASKED, proved_at=None).update(proved_at=at)


def erase(*, consumer_id: uuid.UUID, at: datetime) -> None:
    """Delete a person's sightings and acts, in the caller's transaction; verdicts stay without signals, list entries without texts."""
    seen, acts = Sighting.objects.filter(consumer_id=consumer_id), AccountAct.objects.filter(consumer_id=consumer_id)
    found, acted = list(seen.values_list(*KEYS)), list(acts.values_list(*ACT_KEYS))
    acts.delete()
    subjects = list(Assessment.objects.filter(consumer_id=consumer_id).values_list("subject", flat=True))
    seen.delete()
    Assessment.objects.filter(consumer_id=consumer_id).update(signals={})
    clear_cases(kind=FRAUD, subjects=subjects, at=at)
    of_theirs = Q(consumer_id=consumer_id) | Q(key__in={key for row in found for key in row[:CONTACTS] if key})
    ListEntry.objects.filter(of_theirs).update(consumer=None, shown="", reason="", end_reason="")
    forgotten = {key: {row[place] for row in found} for place, key in enumerate(KEYS)}
    for place, key in enumerate(ACT_KEYS):
        forgotten[key] |= {row[place] for row in acted}
    forget(forgotten)
