"""Checkout sessions: opening by a shop, identification and credit decision of a consumer, closing."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from accounts.models import Consumer
from accounts.proofs.levels import level_missing
from accounts.screening.guards import suppress_stops
from accounts.services import note_step
from accounts.states import Identity
from checkout import rules
from checkout.coarse import code_of
from checkout.errors import CheckoutClosed, Declined, ItemsMismatch, PicturesNeeded, ShopSuspended
from checkout.events import CheckoutDeclined, CheckoutExpired, CheckoutOpened, StepReached
from checkout.models import Checkout
from checkout.queries import get_checkout, lock_checkout, lock_seen
from checkout.quoting import lightest_payment
from checkout.services.assessing import asking, assess_first, found_of
from checkout.services.histories import history_of
from checkout.services.offering import counter_from, rule_offer
from checkout.states import CheckoutStatus
from core.db import unit
from core.errors import Invalid, NotFound
from core.money import Money
from core.outbox import append
from core.sentences import Sentence, status_word
from core.writes import together, update
from credit import services as credit
from credit.errors import IdentityPending
from credit.models import Decision
from credit.reasons import is_by_people
from credit.rules import is_refusal
from credit.rules.affording import Declared
from fraud import services as fraud
from fraud.purchases import UNASKED, Device
from merchants.models import Merchant
from payments import services as payments
from payments.services import NOBODY, Asker

CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutDraft:
    """A shop's request for a checkout; amounts of `items` are minor units of the amount's currency."""

    amount: Money
    merchant_reference: str
    urls: Mapping[str, str]
    items: Sequence[Mapping[str, Any]] = ()
    customer: Mapping[str, Any] = field(default_factory=dict)
    capture: str = "manual"
    metadata: Mapping[str, Any] = field(default_factory=dict)


def open_checkout(*, merchant: Merchant, draft: CheckoutDraft, at: datetime) -> Checkout:
    """Open a checkout for 48 hours; Invalid if the currency is not the merchant's or lines do not add up; ShopSuspended."""
    if merchant.is_suspended:
        raise ShopSuspended("This shop is suspended, and opens no checkouts. Captures and refunds of its orders go on.")
    require_currency(merchant, draft.amount.currency)
    with unit():
        checkout = Checkout.objects.create(
            merchant=merchant,
            amount_minor=draft.amount.minor,
            currency=draft.amount.currency,
            merchant_reference=draft.merchant_reference,
            items=require_sum(draft.items, draft.amount.minor),
            customer=dict(draft.customer),
            urls=dict(draft.urls),
            capture=draft.capture,
            metadata=dict(draft.metadata),
            expires_at=at + timedelta(hours=rules.SESSION_HOURS),
            created_at=at,
        )
        append(CheckoutOpened(checkout=checkout.public_id, merchant=merchant.public_id), at=at)
    return checkout


def require_currency(merchant: Merchant, currency: str) -> None:
    """Raise Invalid unless the currency is the merchant's."""
    if currency != merchant.currency:
        detail = Sentence("This shop sells in %(currency)s, not in %(other)s.", currency=merchant.currency, other=currency)
        raise Invalid(
            detail, code="checkout.currency_not_offered", fields={"currency": Sentence("must be %(value)s", value=merchant.currency)}
        )


def require_sum(items: Sequence[Mapping[str, Any]], amount_minor: int) -> list[dict[str, Any]]:
    """Return the lines to store, with a rounding line if needed; ItemsMismatch names each wrong line."""
    try:
        return rules.reconcile_items(items, amount_minor)
    except rules.ItemsDoNotAddUp as error:
        raise ItemsMismatch(Sentence("The items and the amount do not add up: %(faults)s.", faults=error), fields=error.faults) from None


CHANGEABLE = {"amount", "items", "customer", "urls", "metadata", "merchant_reference", "capture"}


def update_checkout(*, checkout_id: uuid.UUID, merchant: Merchant, changes: Mapping[str, Any], at: datetime) -> Checkout:
    """Change an open checkout; `changes` holds any of CHANGEABLE. A new amount needs a new decision."""
    with unit():
        checkout = lock_checkout(checkout_id, merchant)
        require_open(checkout, at)
        amount = changes.get("amount", checkout.amount_minor)
        if "items" in changes or "amount" in changes:
            checkout.items = require_sum(changes.get("items", checkout.items), amount)
        if amount != checkout.amount_minor:
            checkout.amount_minor = amount
            _forget_decision(checkout, at)
        for name in CHANGEABLE - {"amount", "items"}:
            setattr(checkout, name, changes.get(name, getattr(checkout, name)))
        checkout.save()
    return checkout


_DECIDED = ["decision", "deposit_minor", "withheld", "ruled"]


def _forget_decision(checkout: Checkout, at: datetime) -> None:
    """Remove the decision from a locked checkout that has changed, with what rules made of it, and end the data source's review of it."""
    credit.drop_referrals(decision_ids=[checkout.decision_id], at=at)
    checkout.decision, checkout.deposit_minor = None, 0
    checkout.withheld, checkout.ruled = {}, {}


def require_open(checkout: Checkout, at: datetime) -> None:
    """Raise CheckoutClosed unless a checkout is open and has not expired, and its shop may sell."""
    if checkout.status != CheckoutStatus.OPEN:
        raise CheckoutClosed(Sentence("This checkout is %(status)s.", status=status_word(checkout.status)))
    if checkout.expires_at <= at:
        raise CheckoutClosed("This checkout has expired.", code="checkout.expired")
    if checkout.merchant.is_suspended:
        raise ShopSuspended("This shop takes no orders for now. Nothing was charged.")


def expire_checkout(*, checkout_id: uuid.UUID, merchant: Merchant, at: datetime) -> Checkout:
    """Close an open checkout at the shop's request; does nothing for an expired one, Conflict for a completed one."""
    with unit():
        checkout = lock_checkout(checkout_id, merchant)
        if checkout.status == CheckoutStatus.EXPIRED:
            return checkout
        if checkout.status != CheckoutStatus.OPEN:
            raise CheckoutClosed(Sentence("This checkout is %(status)s.", status=status_word(checkout.status)))
        _expire([checkout], at)
    return checkout


def cancel_checkout(*, checkout_id: uuid.UUID, at: datetime) -> Checkout:
    """Close an open checkout because the consumer goes back to the shop; does nothing if it is not open."""
    with unit():
        checkout = lock_checkout(checkout_id)
        if checkout.status == CheckoutStatus.OPEN:
            checkout.cancel()
            checkout.save(update_fields=["status"])
            payments.request_releases(references=[checkout.public_id], at=at)
            credit.drop_referrals(decision_ids=[checkout.decision_id], at=at)
            append(CheckoutExpired(checkout=checkout.public_id, merchant=checkout.merchant.public_id), at=at)
    return checkout


def expire_checkouts(*, at: datetime) -> int:
    """Expire the checkouts whose 48 hours are over; return how many. Run by a timer."""
    with unit():
        waiting = Checkout.objects.filter(status=CheckoutStatus.OPEN, expires_at__lte=at).select_related("merchant").order_by("expires_at")
        found = list(waiting.select_for_update(skip_locked=True, of=("self",))[:CHUNK])
        _expire(found, at)
    return len(found)


def _expire(found: Sequence[Checkout], at: datetime) -> None:
    for checkout in found:
        checkout.expire()
        checkout.save(update_fields=["status"])
    payments.request_releases(references=[checkout.public_id for checkout in found], at=at)
    credit.drop_referrals(decision_ids=[checkout.decision_id for checkout in found], at=at)
    append(*(CheckoutExpired(checkout=c.public_id, merchant=c.merchant.public_id) for c in found), at=at)


def identify(*, checkout_id: uuid.UUID, consumer: Consumer, at: datetime) -> Checkout:
    """Assign an open checkout to the consumer who signed in; another person may take it over until it is completed.

    NotFound for a consumer of another brand than the shop's.
    """
    with unit():
        checkout = lock_checkout(checkout_id)
        if consumer.brand_id != checkout.merchant.brand_id:
            raise NotFound("There is no such checkout.")
        require_open(checkout, at)
        if checkout.consumer_id != consumer.id:
            checkout.consumer = consumer
            _forget_decision(checkout, at)
            # The items are the person's data from now on, so they are encrypted with the person's key.
            checkout.save(update_fields=["consumer", *_DECIDED, "items", "customer", "metadata"])
        reach(checkout, "identified", at)
    return checkout


_STEPS = ("opened", "identified", "declined", "approved")


def reach(checkout: Checkout, step: str, at: datetime) -> None:
    """Record the furthest step of a locked checkout, and publish its event once."""
    if changed := step_to(checkout, step, at):
        update(checkout, *changed)


def step_to(checkout: Checkout, step: str, at: datetime) -> tuple[str, ...]:
    """Set the furthest step of a locked checkout and publish its event once; return the names of the fields to write."""
    if _STEPS.index(step) <= _STEPS.index(checkout.reached):
        return ()
    checkout.reached = step
    append(StepReached(checkout=checkout.public_id, merchant=checkout.merchant.public_id, step=step), at=at)
    return ("reached",)


def decide(
    *,
    checkout_id: uuid.UUID,
    at: datetime,
    seen: Checkout | None = None,
    asker: Asker = NOBODY,
    device: Device = UNASKED,
    network: str = "",
) -> Decision:
    """Decide on credit for an identified checkout, once for its consumer and amount; return the decision.

    First the purchase is assessed for fraud, as `device` (the person's browser) and `network` (their internet address) say. The decision
    refuses, has people look, or waits for another code of the person accordingly; `prove_person` lets it be made anew. What a counter-offer
    made of the amount stays.

    Calls the data sources outside any transaction; decision and checkout are written in one commit. If the shop changes the checkout, or a
    check of the person begins meanwhile, it is decided as it is then. Declined if the person's identity could not be verified;
    IdentityPending while the identity check is running or its provider does not answer. FiguresNeeded if the person has to `declare` income
    and costs first, PicturesNeeded if the market asks for a document from this amount.

    `seen` is the checkout as the caller has just read it, which saves a query; it is read again under the lock. CheckoutClosed if another
    person takes it over meanwhile.
    """
    seen = seen or get_checkout(checkout_id)
    person = seen.consumer_id
    while True:
        checkout, seen = seen or get_checkout(checkout_id), None
        require_open(checkout, at)
        if checkout.consumer_id != person:
            raise changed()
        if checkout.decision is not None:
            return checkout.decision
        consumer = _require_identified(checkout, at)
        assess_first(checkout=checkout, consumer=consumer, at=at, asker=asker, device=device, network=network)
        amount = asked_of(checkout)
        history, elsewhere = history_of(consumer)
        gathered = credit.gather(consumer=consumer, amount=amount, history=history, at=at)
        with suppress_stops(), unit():
            checkout = lock_seen(checkout)
            require_open(checkout, at)
            if checkout.consumer_id != person:
                raise changed()
            if checkout.decision is not None:
                return checkout.decision
            if asked_of(checkout) == amount:
                with together(prepared=True):
                    return decide_locked(checkout, consumer, gathered, elsewhere, at)


def asked_of(checkout: Checkout) -> Money:
    """Return what is to be lent for a checkout: its amount, without the deposit of a counter-offer that was accepted."""
    return Money(checkout.amount_minor - checkout.deposit_minor, checkout.currency)


def changed() -> CheckoutClosed:
    """Return the error that tells somebody to look again at a purchase that is not what it was."""
    return CheckoutClosed("The purchase changed meanwhile. Please look at it again.", code="checkout.changed")


def _require_identified(checkout: Checkout, at: datetime) -> Consumer:
    consumer = checkout.consumer
    if consumer is not None and consumer.identity == Identity.PENDING:
        raise IdentityPending("We are still checking who you are. Try again in a minute.")
    if consumer is None or consumer.identity != Identity.VERIFIED:
        raise Declined("We could not verify who you are.", code="checkout.identity_not_verified")
    if level_missing(consumer, checkout.amount_minor, checkout.merchant.market_id, at):
        raise PicturesNeeded("For a purchase of this size we need to see a document of yours.")
    return consumer


def decide_locked(checkout: Checkout, consumer: Consumer, gathered: credit.Gathered, elsewhere: Collection[str], at: datetime) -> Decision:
    """Decide on a locked checkout about what is to be lent for it; all writes leave together.

    If what an accepted counter-offer lends is refused as well, there is no deposit and no other offer.
    """
    decision = credit.decide(
        consumer=consumer,
        reference=checkout.public_id,
        amount=asked_of(checkout),
        gathered=gathered,
        elsewhere=elsewhere,
        payment_of=partial(lightest_payment, checkout, at),
        counter_of=None if checkout.deposit_minor else partial(counter_from, checkout, consumer, at),
        safety=found_of(checkout, consumer, at),
        at=at,
    )
    checkout.decision = decision
    if checkout.deposit_minor:
        checkout.withheld, checkout.ruled = {}, {}
        checkout.deposit_minor = 0 if decision.outcome == "decline" else checkout.deposit_minor
    if decision.goes_on:
        rule_offer(checkout, consumer, decision, at)
    step = "declined" if decision.outcome == "decline" else "approved" if decision.goes_on else ""
    moved = step_to(checkout, step, at) if step else ()
    update(checkout, *_DECIDED, *moved)
    # With a counter-offer the shop waits for what the person says to it.
    if decision.outcome == "decline" and not decision.counter_minor:
        tell_declined(checkout, decision, at)
    note_step(consumer=consumer, step="decision", at=at)
    return decision


def prove_person(*, checkout_id: uuid.UUID, consumer: Consumer, at: datetime) -> None:
    """Let a checkout be decided anew whose person entered the code that the decision waits for; nothing if it waits for none.

    What a counter-offer made of the amount stays. NotFound for another person's checkout; CheckoutClosed.
    """
    with unit():
        checkout = lock_checkout(checkout_id)
        if checkout.consumer_id != consumer.id:
            raise NotFound("There is no such checkout.")
        require_open(checkout, at)
        asked = asking(checkout)
        if asked is None:
            return
        fraud.prove(assessment_id=asked, at=at)
        checkout.decision, checkout.assessed = None, {}
        update(checkout, "decision", "assessed")


def tell_declined(checkout: Checkout, decision: Decision, at: datetime) -> None:
    """Publish that a checkout was refused, with the coarse code that its shop may know."""
    told = {"checkout": checkout.public_id, "merchant": checkout.merchant.public_id, "declined": code_of(decision.reasons)}
    append(CheckoutDeclined(**told), at=at)


def reconsider(*, checkout_id: uuid.UUID, consumer: Consumer, since: datetime, at: datetime) -> bool:
    """Let a refused checkout be decided anew, because the person has shown something new since a moment; return whether it was reopened.

    Does nothing if it was not refused, or after that moment, or if people refused. NotFound for another person's; CheckoutClosed.
    """
    with unit():
        checkout = lock_checkout(checkout_id)
        if checkout.consumer_id != consumer.id:
            raise NotFound("There is no such checkout.")
        require_open(checkout, at)
        refused = checkout.decision
        if refused is None or not is_refusal(refused.outcome, refused.reasons) or refused.at >= since or is_by_people(refused.reasons):
            return False
        _forget_decision(checkout, at)
        checkout.save(update_fields=_DECIDED)
    return True


def declare(*, checkout: Checkout, consumer: Consumer, declared: Declared, at: datetime) -> None:
    """Store the income and costs that an open checkout's consumer declares; Invalid names the figure, NotFound for anybody else."""
    require_open(checkout, at)
    if checkout.consumer_id != consumer.id:
        raise NotFound("There is no such checkout.")
    credit.declare(consumer=consumer, currency=checkout.currency, declared=declared, reference=checkout.public_id, at=at)
