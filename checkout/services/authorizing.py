"""From consent to order: hold the first payment on the card, reserve the limit, make the plan and the order."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext, override

from accounts.models import Consumer
from accounts.queries import is_blocked
from accounts.screening.guards import unless_stopped
from accounts.services import note_steps, record_consent
from checkout import rules
from checkout.errors import CardCheckNeeded, CardDeclined, Declined, ProofNeeded
from checkout.events import OrderAuthorized, OrderHeld
from checkout.guards import BLOCKED
from checkout.models import Checkout, Order, OrderReview
from checkout.queries import basket_rules, find_order_of, get_checkout, lock_checkout, lock_consented
from checkout.quoting import checkout_quotes, least_deposit
from checkout.ruling import ORDERS, facts_of, fraud_rules_of, place_of, purchase_of
from checkout.services.capturing import capture_locked
from checkout.services.depositing import deposit_then_capture
from checkout.services.sessions import require_open
from checkout.states import CheckoutStatus, OrderStatus
from checkout.suggested import HOLD
from checkout.texts import DEVICE_NOTICE
from controls.rule_kinds import kept_rule
from controls.services import ask_rules
from core.db import unit
from core.errors import DomainError, Invalid, NotFound, Unavailable
from core.ids import public_id, uuid7
from core.money import Money
from core.outbox import append
from core.sentences import Sentence
from core.writes import insert, together, update
from credit import services as credit
from credit.models import Decision
from fraud import services as fraud
from fraud.purchases import NO_DEVICE, Device
from fraud.ruling import FRAUD
from fraud.services import Assessed
from fraud.states import STOPS, Verdict
from payments import services as payments
from payments.failures import OUTAGES
from payments.models import Authorization, MethodKind, PaymentMethod
from payments.queries import smallest_charge
from payments.services import NOBODY, Asker
from payments.states import MovementStatus
from plans import services as plans
from plans.documents.writing import Agreement
from plans.errors import NotOffered
from plans.queries import Quote
from plans.rules.schedule import deposit_of


def confirm(
    *,
    checkout: Checkout,
    consumer: Consumer,
    quote: Quote,
    method: PaymentMethod,
    agreement: Agreement,
    at: datetime,
    asker: Asker = NOBODY,
    device: Device = NO_DEVICE,
    network: str = "",
) -> Order:
    """Turn an approved checkout into an order under the chosen plan; a repeated call returns the same order.

    `checkout` and `quote` are as the caller has just read them; they are checked again under the lock. `device` is the person's browser,
    `network` their internet address. First the attempt is assessed for fraud: ProofNeeded if the person has to enter another code, Declined
    if it is refused. Then the first payment, if the product has one, is held on the card. Also raises CardDeclined, Declined,
    CheckoutClosed, TooMany if too many cards were declined, or Conflict `credit.limit_exceeded`; then nothing is held, reserved or made.
    """
    done = _already(checkout, consumer)
    if done is not None:
        return done
    _check(checkout, consumer, method, at)
    assessed = assess(checkout, consumer, method, at=at, asker=asker, device=device, network=network)
    held: Authorization | None = None
    try:
        held = _hold_first_payment(checkout, consumer, method, quote, at, asker)
        order = authorize_order(
            checkout_id=checkout.id,
            consumer=consumer,
            quote=quote,
            method=method,
            held=held,
            agreement=agreement,
            assessed=assessed,
            at=at,
        )
    except DomainError:
        with unit(), together():
            # Failed attempts count too.
            fraud.keep_assessment(assessed=assessed)
        if held is not None and _already(get_checkout(checkout.id), consumer) is None:
            payments.release_authorization(authorization=held, at=at)
        raise
    deposit_then_capture(order=order, at=at)
    return order


def assess(
    checkout: Checkout,
    consumer: Consumer,
    method: PaymentMethod,
    *,
    at: datetime,
    asker: Asker = NOBODY,
    device: Device = NO_DEVICE,
    network: str = "",
) -> Assessed:
    """Assess an attempt to buy for fraud; if the rules stop it, the assessment is saved at once, and Declined or ProofNeeded is raised."""
    purchase = purchase_of(checkout, consumer, method, asker=asker, device=device, network=network, at=at)
    assessed = fraud.assess(purchase=purchase, place=place_of(checkout, consumer, at), at=at)
    if assessed.verdict in STOPS:
        with unit(), together():
            fraud.keep_assessment(assessed=assessed)
    if assessed.verdict == Verdict.BLOCK:
        raise _not_approved()
    if assessed.verdict == Verdict.STEP_UP:
        raise ProofNeeded("To protect you, we ask for another code before you go on. Nothing was charged.")
    if assessed.verdict == Verdict.CONFIRM:
        raise CardCheckNeeded("To protect you, your bank has to confirm your card before you go on. Nothing was charged.")
    return assessed


def _already(checkout: Checkout, consumer: Consumer) -> Order | None:
    if checkout.status != CheckoutStatus.COMPLETED:
        return None
    order = find_order_of(checkout)
    if order is None or order.consumer_id != consumer.id:
        raise NotFound("There is no such checkout.")
    return order


def _check(checkout: Checkout, consumer: Consumer, method: PaymentMethod, at: datetime) -> None:
    require_open(checkout, at)
    if checkout.consumer_id != consumer.id or method.consumer_id != consumer.id:
        raise NotFound("There is no such checkout.")
    if checkout.decision is None or not checkout.decision.goes_on:
        raise _not_approved()
    if not method.is_usable or method.kind != MethodKind.CARD:
        raise _not_usable()


def _changed() -> DomainError:
    return Declined("The purchase changed meanwhile. Please look at it again.", code="checkout.changed")


def _refused(consumer: Consumer) -> DomainError:
    """Return the error for a person who cannot agree: their card, or a block by operators, which is shown only as "not approved"."""
    return _not_approved() if is_blocked(consumer.holder_id) else _not_usable()


def _not_approved() -> DomainError:
    return Declined("This purchase was not approved.")


def _not_usable() -> Invalid:
    return Invalid(
        "This card can no longer be used.", code="checkout.method_not_usable", fields={"payment_method": Sentence("choose another card")}
    )


def pick_quote(checkout: Checkout, product_code: str, at: datetime) -> Quote:
    """Return the quote of a product for a checkout; NotOffered names the field."""
    for quote in checkout_quotes(checkout, at, product_code):
        return quote
    raise NotOffered("This plan is not offered for this purchase.", fields={"product": Sentence("not offered for this amount")})


def _hold_first_payment(
    checkout: Checkout, consumer: Consumer, method: PaymentMethod, quote: Quote, at: datetime, asker: Asker = NOBODY
) -> Authorization | None:
    if not quote.first_now:
        return None
    first = Money(quote.installments[0].amount_minor, quote.currency)
    if first.minor < smallest_charge(method.gateway, first.currency):
        # Too small to be charged alone; taken with the next payment.
        return None
    held = payments.authorize(consumer=consumer, method=method, amount=first, reference=checkout.public_id, at=at, asker=asker)
    if held.status == MovementStatus.FAILED and held.failure in OUTAGES:
        raise Unavailable("Your bank could not be reached. Nothing was charged; try again in a moment.")
    if held.status == MovementStatus.FAILED:
        raise CardDeclined("Your card was declined. Nothing was charged.", fields={"card": held.failure or "declined"})
    if held.status != MovementStatus.SUCCEEDED:
        raise Unavailable("The card network does not answer. Nothing was charged; try again in a moment.")
    return held


def authorize_order(
    *,
    checkout_id: uuid.UUID,
    consumer: Consumer,
    quote: Quote,
    method: PaymentMethod,
    held: Authorization | None,
    agreement: Agreement,
    at: datetime,
    assessed: Assessed | None = None,
) -> Order:
    """Reserve the limit and make the plan and the order in one commit; the order is held if a rule says so.

    `assessed` is the fraud assessment, which is saved with the order.
    """
    with unless_stopped(_not_approved(), BLOCKED), unless_stopped(_changed()), unit():
        found = lock_consented.first(checkout_id, method.id)
        checkout = found or lock_checkout(checkout_id)
        done = _already(checkout, consumer)
        if done is not None:
            return done
        require_open(checkout, at)
        if found is None:
            raise _refused(consumer)
        decision = checkout.decision
        same = (checkout.consumer_id, checkout.amount_minor, checkout.currency) == (consumer.id, quote.principal_minor, quote.currency)
        # The offer may have changed since the person looked at it, such as by a counter-offer in another window.
        asked = deposit_of(quote.product.terms, quote.principal_minor, least_deposit(checkout))
        if decision is None or not decision.goes_on or not same or quote.deposit_minor != asked:
            raise _changed()
        order_id = uuid7()
        with together():
            causes = [*_causes(checkout, decision, quote), *_held_by_rules(checkout, consumer, decision, quote, order_id, at)]
            if assessed is not None:
                causes += _held_for_fraud(assessed, causes)
                fraud.keep_assessment(assessed=assessed, order=public_id(Order.PREFIX, order_id))
                _recognize(assessed, consumer, agreement.language, checkout, at)
            credit.reserve(
                consumer_id=consumer.id,
                currency=checkout.currency,
                amount_minor=quote.financed_minor,
                holder_id=consumer.holder_id,
                at=at,
            )
            if held is None:
                # A hold for another plan, left by an interrupted attempt.
                payments.request_releases(references=[checkout.public_id], at=at)
            order = _make_order(order_id, checkout, consumer, quote, method, held, agreement, causes, at)
            _complete(checkout, quote, at)
            note_steps(consumer=consumer, steps=("plan", "completed"), at=at)
        if not causes and checkout.capture == "automatic" and not order.deposit_minor:
            capture_locked(order=order, amount_minor=order.amount_minor, actor="automatic", at=at)
    return order


def _causes(checkout: Checkout, decision: Decision, quote: Quote) -> list[rules.Cause]:
    return rules.review_reasons(
        outcome=decision.outcome,
        reasons=[str(code) for code in decision.reasons],
        amount=Money(quote.financed_minor, checkout.currency),
        order_limit_minor=decision.order_limit_minor,
        items=checkout.items,
        basket=basket_rules(checkout.merchant),
        is_checked=getattr(checkout, "is_checked", False),
        by_fraud=fraud_rules_of(decision),
    )


def _held_by_rules(
    checkout: Checkout, consumer: Consumer, decision: Decision, quote: Quote, order_id: uuid.UUID, at: datetime
) -> list[rules.Cause]:
    """Evaluate the operators' rules, and save the result; return the causes for which they hold the order."""
    asked = ask_rules(
        kind=ORDERS,
        subject=public_id(Order.PREFIX, order_id),
        facts=facts_of(checkout, consumer, decision, quote, at),
        place=place_of(checkout, consumer, at),
        amount=Money(checkout.amount_minor, checkout.currency),
        at=at,
    )
    return [_by_rule(kept_rule(finding, asked.version, ORDERS)) for finding in asked.findings if finding.then.outcome == HOLD]


def _held_for_fraud(assessed: Assessed, before: Sequence[rules.Cause]) -> list[rules.Cause]:
    """Return the causes for which an assessment holds an order, besides those for which the credit decision does already."""
    if assessed.verdict != Verdict.HOLD:
        return []
    known, found = {one.key for one in before}, [_by_rule(kept_rule(finding, assessed.version, FRAUD)) for finding in assessed.deciding]
    return [one for one in found if one.key not in known]


def _by_rule(facts: dict[str, Any]) -> rules.Cause:
    return rules.Cause(rules.BY_RULE, rules.BY_RULE, facts)


def _recognize(assessed: Assessed, consumer: Consumer, language: str, checkout: Checkout, at: datetime) -> None:
    """Record that the person continued after the notice that their browser is recognized, once per browser."""
    if not assessed.first_seen:
        return
    with override(language or None):
        text = gettext(DEVICE_NOTICE)
    record_consent(
        consumer=consumer,
        kind="device_security",
        version="1",
        text=text,
        language=language,
        how="checkout",
        reference=checkout.public_id,
        at=at,
    )


def _make_order(
    order_id: uuid.UUID,
    checkout: Checkout,
    consumer: Consumer,
    quote: Quote,
    method: PaymentMethod,
    held: Authorization | None,
    agreement: Agreement,
    causes: Sequence[rules.Cause],
    at: datetime,
) -> Order:
    assert checkout.decision_id is not None
    merchant = checkout.merchant
    reference = public_id(Order.PREFIX, order_id)
    order = Order(
        id=order_id,
        checkout=checkout,
        merchant=merchant,
        consumer=consumer,
        decision_id=checkout.decision_id,
        authorization_id=held.id if held else None,
        merchant_reference=checkout.merchant_reference,
        currency=checkout.currency,
        amount_minor=checkout.amount_minor,
        deposit_minor=quote.deposit_minor,
        status=OrderStatus.PENDING_REVIEW if causes else OrderStatus.AUTHORIZED,
        capture=checkout.capture,
        authorized_at=None if causes else at,
        expires_at=at + timedelta(days=merchant.authorization_days),
        created_at=at,
    )
    order.plan = plans.create_plan(
        consumer=consumer, method=method, reference=reference, quote=quote, agreement=agreement.as_json(at), at=at
    )
    if quote.deposit_minor:
        plans.open_deposit(plan=order.plan, held=held, at_once=checkout.capture == "automatic", waits=bool(causes), at=at)
    insert(order)
    record_consent(
        consumer=consumer,
        kind="credit_agreement",
        version=agreement.version,
        text=agreement.whole,
        language=agreement.language,
        how="checkout",
        reference=reference,
        at=at,
    )
    if causes:
        review = OrderReview.of(order, causes, at)
        insert(review)
        append(OrderHeld(order=reference, merchant=merchant.public_id, reason=review.reason), at=at)
    else:
        append(order_authorized(order), at=at)
    return order


def order_authorized(order: Order) -> OrderAuthorized:
    """Return the event that tells a shop that it may ship."""
    return OrderAuthorized(
        order=order.public_id,
        merchant=order.merchant.public_id,
        consumer=order.consumer.public_id,
        amount_minor=order.amount_minor,
        currency=order.currency,
    )


def _complete(checkout: Checkout, quote: Quote, at: datetime) -> None:
    checkout.complete()
    checkout.product_code = quote.product.code
    update(checkout, "status", "product_code")
