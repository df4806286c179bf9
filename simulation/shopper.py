"""A sandbox consumer who completes a checkout without a browser, through the same services that the pages call."""

import hashlib
import time
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from accounts import queries as people
from accounts import services as accounts
from accounts.models import Consumer
from accounts.states import Identity
from checkout import services as checkouts
from checkout.agreeing import write_terms
from checkout.errors import CardDeclined, Declined, ProofNeeded
from checkout.models import Checkout, Order
from checkout.queries import get_checkout
from checkout.quoting import checkout_quotes
from checkout.services import CheckoutDraft
from checkout.states import OrderStatus
from core.clock import local_date
from core.errors import Conflict, Unavailable
from core.money import Money
from credit.errors import FiguresNeeded, IdentityPending
from credit.models import Decision
from credit.queries import find_law
from credit.remarks import find_report
from credit.rules.affording import Declared
from fraud.acts.services import note_sign_in
from fraud.purchases import NO_DEVICE, UNASKED, Device
from markets.models import Market
from merchants.models import Merchant
from payments import queries as methods
from payments import services as payments
from payments.errors import CardRefused
from payments.models import PaymentMethod

ACTOR = "sandbox consumer"
PATIENCE_S = 10.0
FIRST = ("Anna", "Marcus", "Julia", "Stefan", "Maria", "Omar", "Ingrid", "Peter", "Sofia", "Jonas", "Clara", "Emil")
LAST = ("Nielsen", "Okafor", "Lindqvist", "Weber", "Hansen", "Garcia", "Smith", "Berg", "Novak", "Jensen", "Clarke", "Moretti")
CITIES = {
    "US": ("Portland", "97205", "OR"),
    "GB": ("Leeds", "LS1 4AP", ""),
    "DK": ("Aarhus", "8000", ""),
    "SE": ("Lund", "222 22", ""),
    "DE": ("Bremen", "28195", ""),
    "AU": ("Perth", "6000", "WA"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a checkout ended: `authorized` or `pending_review` with the order, or `declined` with the reasons."""

    outcome: str
    order: Order | None = None
    reasons: list[str] = field(default_factory=list)


def details_of(email: str, market: Market) -> dict[str, Any]:
    """Return plausible personal data derived from an e-mail address."""
    draw = hashlib.sha256(email.lower().encode()).digest()
    city, code, region = CITIES[market.code]
    return {
        "name": f"{FIRST[draw[0] % len(FIRST)]} {LAST[draw[1] % len(LAST)]}",
        "birth_date": date(1960 + draw[2] % 40, 1 + draw[3] % 12, 1 + draw[4] % 28),
        "address": {
            "line1": f"{1 + draw[5]} Harbor Street",
            "city": city,
            "postal_code": code,
            "region": region,
            "country": market.code,
        },
    }


def identify(*, checkout: Checkout, email: str, at: datetime, home: dict[str, str] | None = None) -> Consumer:
    """Sign a sandbox consumer in to a checkout, with all details and a checked identity; `home` is the address of a new consumer."""
    market = checkout.merchant.market
    consumer = accounts.get_or_create_consumer(
        channel="email", destination=email, market=market, at=at, brand=str(checkout.merchant.brand_id)
    )
    checkouts.identify(checkout_id=checkout.id, consumer=consumer, at=at)
    if people.missing_details(consumer):
        details = details_of(email, market) | ({"address": home} if home else {})
        consumer = accounts.update_details(consumer=consumer, **details, at=at, actor=ACTOR)
        accounts.note_inquiry_told(consumer=consumer, language="en", reference=checkout.public_id, at=at)
    if consumer.identity in {Identity.UNKNOWN, Identity.PENDING}:
        consumer = accounts.check_identity(consumer=consumer, at=at, actor=ACTOR)
        _await_check(consumer)
    return consumer


def _await_check(consumer: Consumer) -> None:
    """Wait, as the page does, while another checkout of the same person runs the identity check."""
    until = time.monotonic() + PATIENCE_S
    while consumer.identity == Identity.PENDING and people.is_identity_asked(consumer) and time.monotonic() < until:
        time.sleep(0.05)
        consumer.refresh_from_db()


def buy(
    *,
    merchant: Merchant,
    email: str,
    reference: str,
    items: list[dict[str, Any]],
    card: str,
    at: datetime,
    device: Device = NO_DEVICE,
    home: dict[str, str] | None = None,
) -> Outcome:
    """Open a shop's checkout for a basket, and complete it with the first plan on offer. Errors as of `complete`."""
    amount = Money(sum(item["amount"] for item in items), merchant.currency)
    urls = {"confirmation": f"https://{merchant.slug}.example/thanks", "cancel": f"https://{merchant.slug}.example/basket"}
    draft = CheckoutDraft(amount=amount, merchant_reference=reference, urls=urls, items=items)
    checkout = checkouts.open_checkout(merchant=merchant, draft=draft, at=at)
    quotes = checkout_quotes(checkout, at)
    return complete(checkout=checkout, email=email, product=quotes[0].product.code, card=card, at=at, device=device, home=home)


def complete(
    *,
    checkout: Checkout,
    email: str,
    product: str,
    card: str,
    at: datetime,
    device: Device = NO_DEVICE,
    home: dict[str, str] | None = None,
) -> Outcome:
    """Complete a checkout as the consumer with this e-mail would; a refusal is an outcome, not an error.

    `device` is their browser, `home` the address of a new consumer. Declined is raised only if fraud rules refuse the last click,
    ProofNeeded if they ask for another code, before the decision or then.

    CheckoutClosed or NotOffered if the checkout or the product does not allow it, Unavailable if a data source does not answer.
    """
    checkouts.pick_quote(checkout, product, at)
    consumer = identify(checkout=checkout, email=email, at=at, home=home)
    if device != NO_DEVICE:
        note_sign_in(consumer=consumer, device=device, at=at)
    try:
        decision = _decide(checkout, consumer, at, device)
    except Declined:
        return Outcome("declined", reasons=["identity_not_verified"])
    except IdentityPending:
        # A check without an answer is undecided: a timer asks again, and the same call then continues.
        raise Unavailable("It is still being checked who this is. Try again in a minute.") from None
    return _agree(checkout, consumer, decision, product, card, at, device)


def take_counter_offer(*, checkout: Checkout, product: str, card: str, at: datetime) -> Outcome:
    """Accept the counter-offer of a refused checkout as its consumer would, and complete it with the deposit; NoCounterOffer."""
    consumer = get_checkout(checkout.id).consumer
    assert consumer is not None
    decision = checkouts.accept_counter(checkout_id=checkout.id, consumer=consumer, at=at)
    return _agree(checkout, consumer, decision, product, card, at, NO_DEVICE)


def _agree(checkout: Checkout, consumer: Consumer, decision: Decision, product: str, card: str, at: datetime, device: Device) -> Outcome:
    """Agree to a plan with a card, unless the decision is a refusal."""
    if decision.outcome == "decline":
        return Outcome("declined", reasons=list(decision.reasons))
    if not decision.goes_on:
        raise ProofNeeded("Another code is needed first.")
    try:
        method = card_of(consumer, card, at)
        checkout = get_checkout(checkout.id)
        quote = checkouts.pick_quote(checkout, product, at)
        agreement = write_terms(checkout, consumer, quote, at)
        told: dict[str, Any] = {"quote": quote, "method": method, "agreement": agreement, "device": device}
        order = checkouts.confirm(checkout=checkout, consumer=consumer, at=at, **told)
    except CardRefused as error:
        return Outcome("declined", reasons=[error.failure])
    except CardDeclined as error:
        return Outcome("declined", reasons=[error.fields["card"]])
    except Conflict as error:
        if error.code != "credit.limit_exceeded":
            raise
        return Outcome("declined", reasons=["limit_exceeded"])
    return Outcome(order.status if order.status == OrderStatus.PENDING_REVIEW else "authorized", order, list(decision.reasons))


def _decide(checkout: Checkout, consumer: Consumer, at: datetime, device: Device) -> Decision:
    """Decide, and tell income and costs where the market's law asks for them at this amount."""
    # A person without a browser of their own is not asked for one here.
    seen = device if device != NO_DEVICE else UNASKED
    try:
        return checkouts.decide(checkout_id=checkout.id, at=at, device=seen)
    except FiguresNeeded:
        report = find_report(consumer, checkout.currency)
        law = find_law(consumer.market_id, checkout.currency, local_date(at, consumer.time_zone))
        if report is None or law is None:
            raise
        # Figures that leave what the bureau says.
        left = int(report.data["disposable_income_minor"])
        declared = Declared(income_minor=left + 2 * law.living_minor, housing_minor=law.living_minor, credit_minor=0, dependants=0)
        checkouts.declare(checkout=get_checkout(checkout.id), consumer=consumer, declared=declared, at=at)
        return checkouts.decide(checkout_id=checkout.id, at=at, device=seen)


def card_of(consumer: Consumer, number: str, at: datetime) -> PaymentMethod:
    """Return the consumer's card with that number, added if it is new; CardRefused if the gateway declines it."""
    digits = "".join(char for char in number if char.isdigit())
    for method in methods.list_cards(consumer):
        if method.last4 == digits[-4:]:
            return method
    return payments.add_card(consumer=consumer, number=digits, at=at)
