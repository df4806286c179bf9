"""An approved person with a card and a decision about a checkout, written as the product writes them, without asking the outside world.

Only for the sandbox's persona `+approve`, whom every company of the sandbox approves. `checkout/test_approved.py` compares the rows with
those that the product's own way leaves.
"""

from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import Model

from accounts import gateways as identity_gateways
from accounts import queries as people
from accounts import rules as personal
from accounts.events import IdentitySettled
from accounts.models import Consumer, ConsumerChange, IdentityCheck, PersonKey
from accounts.services import note_inquiry_told, note_steps
from accounts.services.identity import _details_hashes
from accounts.services.names import know_name
from checkout.events import StepReached
from checkout.models import Checkout
from checkout.services.offering import rule_offer
from core.crypto import data_keys, lookup_hash, remember_key
from core.db import unit
from core.ids import uuid7
from core.money import exponent
from core.outbox import append
from core.subject_keys import subject_of
from core.writes import insert, together, update
from credit import gateways as credit_gateways
from credit import rules
from credit.assessing import consult
from credit.gateways.base import Asked
from credit.models import CreditLine, Decision, Inquiry, LimitChange
from credit.rules import Bureau, History, Inputs, Verdict
from fraud.acts.services import note_change
from fraud.states import ActKind
from markets.models import Market
from markets.queries import find_setting
from payments import gateways
from payments.events import MethodEnabled
from payments.gateways.base import Cards, Payer
from payments.models import PaymentMethod
from sandbox.credit_files import APPROVED_INCOME
from simulation.shopper import ACTOR, details_of

CARD = "4242424242424242"
SCREENING = {"lists": ["OFAC SDN", "EU consolidated", "UN consolidated", "UK HMT"], "result": "clear"}


def approve(checkout: Checkout, email: str, at: datetime) -> tuple[Consumer, PaymentMethod] | None:
    """Make the person of an e-mail address, who is approved for a checkout, and their card; None for anybody whom that does not fit."""
    market, currency = checkout.merchant.market, checkout.currency
    source = credit_gateways.data_source()
    names = {identity_gateways.identity_provider().name, source.agency.identifier, gateways.for_cards(market=market.code)}
    if not email.endswith("+approve@people.example") or names != {"sandbox"}:
        return None
    asked = [asdict(Asked(source.name, "report", cost_currency="USD"))]
    report = Bureau(842, False, 0, 6, 8, 0, 168, False, False, APPROVED_INCOME[currency])
    inputs = Inputs(checkout.amount_minor, exponent(currency), "verified", 0, History(), report, "", asked=asked)
    verdict = rules.SCORECARDS[rules.CURRENT](inputs)
    if verdict.outcome != "approve" or people.find_consumer(channel="email", destination=email):
        return None
    consumer = _person(email, market, at)
    method = _card(consumer, at)
    inquiry = Inquiry(consumer=consumer, currency=currency, provider=source.name, agency=asdict(source.agency), asked_at=at)
    inquiry.purpose = find_setting(market.code, "credit_report.purpose", at.date()).value["law"]
    answer = {"provider_ref": f"rep_{consumer.pk.hex}", "data": asdict(report) | {"factors": []}, "answered_at": at}
    answer |= {"cost_minor": 0, "cost_currency": "USD", "took_ms": 0}
    decided = _decided(checkout, inquiry, answer["provider_ref"], inputs, verdict, at)
    checks = _checked(consumer, at)
    with unit():
        with together():
            cases = consult(consumer, decided[-1], inputs, at)[1]
            for row in (consumer, *checks, inquiry, *decided, method, *cases):
                insert(row)
            note_steps(consumer=consumer, steps=("signed_up", "details", "identity", "decision"), at=at)
            checkout.consumer, checkout.decision, checkout.reached = consumer, decided[-1], "approved"
            rule_offer(checkout, consumer, decided[-1], at)
            # What is bought is encrypted with the person's key from now on.
            update(checkout, "consumer", "decision", "withheld", "ruled", "reached", "items", "customer", "metadata")
            _tell(checkout, consumer, checks[0].reference, at)
        # Nobody begins as verified, and no inquiry as answered: the database refuses it.
        consumer.verify_identity()
        for name, value in answer.items():
            setattr(inquiry, name, value)
        with together():
            update(consumer, "identity")
            update(inquiry, *answer)
        know_name(consumer)
        note_inquiry_told(consumer=consumer, language="en", reference=checkout.public_id, at=at)
        note_change(consumer=consumer, kind=ActKind.CARD, at=at)
    return consumer, method


def _decided(checkout: Checkout, inquiry: Inquiry, provider_ref: str, inputs: Inputs, verdict: Verdict, at: datetime) -> list[Any]:
    """Return the rows of a decision: the limit, what is told of it, and the decision."""
    about: dict[str, Any] = {"consumer": inquiry.consumer, "currency": checkout.currency}
    limits = {"limit_minor": verdict.limit_minor, "order_limit_minor": verdict.order_limit_minor}
    line = CreditLine(decided_at=at, beyond_minor=0, **about, **limits)
    reason = rules.limit_change_reason(None, verdict)
    told = LimitChange(line=line, before_minor=0, after_minor=line.limit_minor, reason=reason, at=at, number=0)
    decision = Decision(
        reference=checkout.public_id,
        amount_minor=checkout.amount_minor,
        inquiry=inquiry,
        outcome=verdict.outcome,
        score=verdict.score,
        reasons=list(verdict.reasons),
        inputs=inputs.as_json(),
        versions={"scorecard": rules.CURRENT, "source": inquiry.provider},
        provider_ref=provider_ref,
        at=at,
        **about,
        **limits,
    )
    return [line, told, decision]


def _person(email: str, market: Market, at: datetime) -> Consumer:
    told = details_of(email, market)
    address, zone = _place(market.code, at)
    consumer = Consumer(
        market=market,
        locale=market.locale,
        time_zone=zone,
        email=email,
        email_hash=lookup_hash(email),
        name=personal.normalize_name(told["name"]),
        birth_date=told["birth_date"].isoformat(),
        address=address | {"line1": told["address"]["line1"]},
        created_at=at,
    )
    subject = subject_of(consumer.pk)
    remember_key(consumer, data_keys([subject])[subject])
    return consumer


@cache
def _place(market_code: str, at: datetime) -> tuple[dict[str, str], str]:
    """Return the address of a market's people in its stored form, and its time zone."""
    market = Market.objects.get(code=market_code)
    address, faults = personal.normalize_address(details_of("", market)["address"], people.address_form(market, at.date()))
    assert not faults
    return address, people.zone_of(address, market, at.date())


def _checked(consumer: Consumer, at: datetime) -> list[Any]:
    """Return the rows of a check of a person, the check asked for and its result first."""
    about: dict[str, Any] = {"consumer": consumer, "provider": "sandbox", "details_hash": _details_hashes(consumer)[0], "at": at}
    # Keys of one millisecond are in no order, and the newest row counts.
    first, second, *others = sorted(uuid7() for _ in range(5))
    asked = IdentityCheck(id=first, result="pending", **about)
    asked.reference = asked.public_id
    parts = {
        "document": {"type": "passport", "country": consumer.market_id, "result": "clear"},
        "selfie": {"result": "clear"},
        "data_match": dict.fromkeys(("name", "birth_date", "address"), "match"),
        "screening": SCREENING,
    }
    evidence = {"evidence": parts, "pep_hit": False, "sanctions_hit": False}
    ref = f"kyc_{consumer.pk.hex}"
    found = IdentityCheck(id=second, result="clear", reference=asked.reference, provider_ref=ref, evidence=evidence, **about)
    changes = [
        ("details", {"fields": ["address", "birth_date", "name", *_moved(consumer)]}),
        ("identity", {"from": "unknown", "to": "pending"}),
        ("identity", {"from": "pending", "to": "verified"}),
    ]
    rows: list[Model] = [
        ConsumerChange(id=key, consumer=consumer, subject=name, change=change, actor=ACTOR, at=at)
        for key, (name, change) in zip(others, changes, strict=True)
    ]
    texts = personal.person_keys(consumer.name, consumer.birth_date, consumer.address)
    keys = [PersonKey(key_hash=lookup_hash(f"person:{text}"), consumer=consumer, at=at) for text in texts]
    return [asked, found, *rows, *keys]


def _moved(consumer: Consumer) -> list[str]:
    return [] if consumer.time_zone == consumer.market.time_zone else ["time_zone"]


def _card(consumer: Consumer, at: datetime) -> PaymentMethod:
    """Have the sandbox's gateway keep the card, for the charges to come."""
    payer = Payer(reference=consumer.public_id, email=consumer.email, customer="")
    card = gateways.connect("sandbox", Cards).add_card(payer, CARD)
    shown = {"brand": card.brand, "last4": card.last4, "exp_month": card.exp_month, "exp_year": card.exp_year}
    return PaymentMethod(consumer=consumer, gateway="sandbox", token=card.token, shown=shown, created_at=at)


def _tell(checkout: Checkout, consumer: Consumer, check: str, at: datetime) -> None:
    about = {"checkout": checkout.public_id, "merchant": checkout.merchant.public_id}
    append(
        StepReached(**about, step="identified"),
        IdentitySettled(consumer=consumer.public_id, identity="verified", check=check),
        StepReached(**about, step="approved"),
        MethodEnabled(consumer=consumer.public_id),
        at=at,
    )
