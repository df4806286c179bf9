"""Payment methods: cards given on the gateway's own page, kept as tokens, in the consumer's order."""

import logging
import uuid
from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db.models import F

from accounts.models import Consumer
from core.db import unit
from core.errors import Invalid, NotFound
from core.outbox import append
from payments import gateways
from payments.errors import CardRefused
from payments.events import MethodEnabled
from payments.gateways.base import Card, Cards
from payments.models import CardSetup, PaymentMethod
from payments.queries import list_methods, lock_methods
from payments.services.calls import refuse_inside_transaction
from payments.services.customers import as_payer
from payments.services.setups import note_declined_in
from payments.services.tries import NOBODY, Asker, check_visits, trying

log = logging.getLogger("bnpl.payments")


def start_card_setup(*, consumer: Consumer, return_path: str, currency: str, at: datetime, asker: Asker = NOBODY) -> str:
    """Open the gateway's card page for a consumer and return its address; the person comes back to `return_path`.

    The page adds `setup=...` to the path's query; pass it to `finish_card_setup`. GatewayUnavailable; TooMany where they have to wait.
    """
    refuse_inside_transaction()
    if not return_path.startswith("/") or return_path.startswith(("//", "/\\")):
        raise Invalid("The way back must be a path of this site.", fields={"return_path": "a path of this site"})
    check_visits(consumer=consumer, asker=asker, at=at)
    account, back = gateways.for_cards(market=consumer.market_id, currency=currency), settings.BASE_URL + return_path
    opened = as_payer(
        lambda payer: gateways.connect(account, Cards).start_card_setup(payer, return_url=back, currency=currency),
        consumer=consumer,
        gateway=account,
        at=at,
    )
    CardSetup.objects.create(
        consumer=consumer,
        gateway=account,
        gateway_ref=opened.ref,
        return_path=return_path,
        network_hash=asker.network_hash,
        device_hash=asker.device_hash,
        created_at=at,
    )
    return opened.url


def finish_card_setup(*, setup_id: str, consumer: Consumer, at: datetime) -> PaymentMethod | None:
    """Save the card that the person entered on the card page, and return it; None if they entered none.

    The redirect is never trusted: the gateway is asked for the card and for declined ones. A second call returns the same method.
    NotFound for somebody else's visit.
    """
    refuse_inside_transaction()
    setup = CardSetup.objects.select_related("payment_method", "consumer").filter(gateway_ref=setup_id, consumer=consumer).first()
    if setup is None:
        raise NotFound("There is no such visit to the card page.")
    if setup.payment_method is not None:
        return setup.payment_method
    found = gateways.connect(setup.gateway, Cards).read_card_setup(setup_id)
    # The gateway's events report the same, perhaps later; the person has to read now how long to wait.
    note_declined_in(setup, found.declined, at=at)
    if found.card is None:
        return None
    with unit():
        method = _keep(consumer, setup.gateway, found.card, at)
        CardSetup.objects.filter(id=setup.id).update(payment_method=method)
    return method


def add_card(*, consumer: Consumer, number: str, at: datetime, asker: Asker = NOBODY) -> PaymentMethod:
    """Save a test card by its number, without the page; only in a sandbox. CardRefused, GatewayUnavailable, TooMany."""
    refuse_inside_transaction()
    if not settings.SANDBOX:
        raise NotFound("There is no such door.")
    account = gateways.for_cards(market=consumer.market_id)

    def keep() -> Card:
        return as_payer(lambda payer: gateways.connect(account, Cards).add_card(payer, number), consumer=consumer, gateway=account, at=at)

    card = trying(keep, consumer=consumer, asker=asker, at=at)
    with unit():
        return _keep(consumer, account, card, at)


def remove_method(*, consumer: Consumer, method: PaymentMethod, at: datetime) -> None:
    """Remove a method; it is not charged any more. A second call does nothing. NotFound for somebody else's."""
    with unit():
        found = next((row for row in lock_methods(consumer) if row.id == method.id), None)
        if found is None:
            raise NotFound("There is no such payment method.")
        PaymentMethod.objects.filter(id=method.id, removed_at=None).update(removed_at=at)


def make_default(*, consumer: Consumer, method: PaymentMethod) -> None:
    """Put a method first; the others keep their order. NotFound for somebody else's or a removed one."""
    with unit():
        lock_methods(consumer)
        methods = list_methods(consumer)
        if method.id not in {row.id for row in methods}:
            raise NotFound("There is no such payment method.")
        ordered = [method, *(row for row in methods if row.id != method.id)]
        for position, row in enumerate(ordered):
            PaymentMethod.objects.filter(id=row.id).exclude(position=position).update(position=position)


def block_methods(*, method_ids: Collection[uuid.UUID], at: datetime) -> None:
    """Stop charging methods that a gateway refused for good, or that the person has to confirm first."""
    PaymentMethod.objects.filter(id__in=method_ids, blocked_at=None).update(blocked_at=at)


def _keep(consumer: Consumer, gateway: str, card: Card, at: datetime) -> PaymentMethod:
    """Save a card as the consumer's first method; a known token returns its method unchanged."""
    lock_methods(consumer)
    known = PaymentMethod.objects.filter(gateway=gateway, token=card.token).first()
    if known is not None and known.consumer_id != consumer.id:
        log.error("a gateway gave %s the card of somebody else: %s", consumer.public_id, known.public_id)
        raise CardRefused("This card cannot be saved. Use another one.", failure="card_of_somebody_else")
    if known is not None:
        return known
    PaymentMethod.objects.filter(consumer=consumer, removed_at=None).update(position=F("position") + 1)
    made = PaymentMethod.objects.create(
        consumer=consumer,
        gateway=gateway,
        token=card.token,
        shown={"brand": card.brand, "last4": card.last4, "exp_month": card.exp_month, "exp_year": card.exp_year},
        created_at=at,
    )
    append(MethodEnabled(consumer=consumer.public_id), at=at)
    return made
