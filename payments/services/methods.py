"""Payment methods: cards entered on the gateway's own page, stored as tokens, in the consumer's order."""

import logging
import uuid
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import F

from accounts.models import Consumer
from brands.queries import get_brand
from controls.services import clear_cases
from core.db import unit
from core.errors import Invalid, NotFound
from core.ids import public_id
from core.money import Money
from core.outbox import append
from core.providers import Capability
from core.sentences import Sentence
from core.writes import insert
from fraud.acts.services import note_change
from fraud.hashing import hash_of
from fraud.states import ActKind
from payments import gateways
from payments.errors import CardRefused, MethodNotUsable
from payments.events import MethodEnabled
from payments.gateways.base import BankAccount, Card, Cards, MandateSetup, Payer, Pulls, Setup
from payments.models import CardSetup, GatewayCustomer, MethodKind, PaymentMethod
from payments.queries import list_methods, lock_methods
from payments.ruling import ROUTES, route
from payments.services.calls import refuse_inside_transaction
from payments.services.customers import as_payer
from payments.services.setups import note_declined_in
from payments.services.tries import NOBODY, Asker, check_visits, trying

log = logging.getLogger("bnpl.payments")


def start_card_setup(
    *,
    consumer: Consumer,
    return_path: str,
    currency: str,
    at: datetime,
    amount_minor: int = 0,
    asker: Asker = NOBODY,
    reference: str = "",
) -> str:
    """Open the gateway's card page for a consumer and return its address; the person comes back to `return_path`.

    The page adds `setup=...` to the path's query; pass it to `finish_setup`. `amount_minor` is that of the purchase, 0 without one: rules
    may choose the gateway by it; `reference` is its checkout. GatewayUnavailable; TooMany if the person has to wait.
    """

    def start(account: str, payer: Payer, back: str) -> Setup:
        return gateways.connect(account, Cards).start_card_setup(payer, return_url=back, currency=currency)

    about = _About(MethodKind.CARD, Money(amount_minor, currency), reference)
    return _visit(about, start, consumer=consumer, return_path=return_path, at=at, asker=asker)


def start_mandate(*, consumer: Consumer, return_path: str, currency: str, at: datetime, asker: Asker = NOBODY) -> str:
    """Open the gateway's page for a bank account with debits in a currency, and return its address; otherwise like `start_card_setup`.

    ProviderMissing if no provider debits accounts in that market and currency.
    """

    def start(account: str, payer: Payer, back: str) -> MandateSetup:
        return gateways.connect(account, Pulls).start_mandate(payer, return_url=back, currency=currency)

    about = _About(MethodKind.BANK_DEBIT, Money(0, currency))
    return _visit(about, start, consumer=consumer, return_path=return_path, at=at, asker=asker)


@dataclass(frozen=True, slots=True)
class _About:
    """What somebody visits a gateway's page for: the kind of method, and the amount of the purchase and its checkout, if there is one."""

    kind: MethodKind
    amount: Money
    reference: str = ""


def _visit(
    about: _About,
    start: Callable[[str, Payer, str], Setup | MandateSetup],
    *,
    consumer: Consumer,
    return_path: str,
    at: datetime,
    asker: Asker,
) -> str:
    """Open the page of the gateway chosen by rules or priority, store the visit, and return the page's address."""
    refuse_inside_transaction()
    if not return_path.startswith("/") or return_path.startswith(("//", "/\\")):
        raise Invalid("The way back must be a path of this site.", fields={"return_path": Sentence("a path of this site")})
    check_visits(consumer=consumer, asker=asker, at=at)
    way_back = get_brand(consumer.brand_id).base_url + return_path
    setup = CardSetup(consumer=consumer, kind=about.kind, reference=about.reference, return_path=return_path, created_at=at)
    setup.network_hash, setup.device_hash = asker.network_hash, asker.device_hash
    capability, market, brand = _CAPABILITY[about.kind], consumer.market_id, consumer.brand_id
    routed = route(capability, subject=setup.public_id, amount=about.amount, market=market, brand=brand, consumer=consumer, at=at)
    opened = as_payer(lambda payer: start(routed.account, payer, way_back), consumer=consumer, gateway=routed.account, at=at)
    setup.gateway, setup.routed, setup.gateway_ref = routed.account, routed.rule, opened.ref
    with unit():
        setup.save(force_insert=True)
        if routed.case is not None:
            insert(routed.case)
    return opened.url


_CAPABILITY = {MethodKind.CARD: Capability.CARDS, MethodKind.BANK_DEBIT: Capability.PULLS}


def finish_setup(*, setup_id: str, consumer: Consumer, at: datetime) -> PaymentMethod | None:
    """Save the card or bank account that the person entered on the gateway's page, and return it; None if they entered none.

    The redirect is never trusted: the gateway is asked for the card and for declined ones. A second call returns the same method.
    NotFound for another person's visit.
    """
    refuse_inside_transaction()
    setup = (
        CardSetup.objects.select_related("payment_method", "consumer").filter(gateway_ref=setup_id, consumer=consumer, checks=None).first()
    )
    if setup is None:
        raise NotFound("There is no such visit to the page.")
    if setup.payment_method is not None:
        return setup.payment_method
    found = _named_in(setup, at)
    if found is None:
        return None
    with unit():
        method = _keep(consumer, setup.gateway, found, at)
        CardSetup.objects.filter(id=setup.id).update(payment_method=method)
    return method


def _named_in(setup: CardSetup, at: datetime) -> Card | BankAccount | None:
    if setup.kind == MethodKind.BANK_DEBIT:
        return gateways.connect(setup.gateway, Pulls).read_mandate(setup.gateway_ref).account
    found = gateways.connect(setup.gateway, Cards).read_card_setup(setup.gateway_ref)
    # The gateway's events report the same, perhaps later; the person must be told now how long to wait.
    note_declined_in(setup, found.declined, at=at)
    return found.card


def add_card(*, consumer: Consumer, number: str, at: datetime, asker: Asker = NOBODY) -> PaymentMethod:
    """Save a test card by its number, without the page; only in a sandbox. CardRefused, GatewayUnavailable, TooMany."""
    refuse_inside_transaction()
    if not settings.SANDBOX:
        raise NotFound("There is no such door.")
    account = gateways.for_cards(market=consumer.market_id, brand=consumer.brand_id)

    def keep() -> Card:
        return as_payer(lambda payer: gateways.connect(account, Cards).add_card(payer, number), consumer=consumer, gateway=account, at=at)

    card = trying(keep, consumer=consumer, asker=asker, at=at)
    with unit():
        return _keep(consumer, account, card, at)


def add_account(*, consumer: Consumer, number: str, currency: str, at: datetime) -> PaymentMethod:
    """Save a test bank account by its number, without the page; only in a sandbox. Invalid, GatewayUnavailable, ProviderMissing."""
    refuse_inside_transaction()
    if not settings.SANDBOX:
        raise NotFound("There is no such door.")
    account = gateways.for_pulls(market=consumer.market_id, currency=currency, brand=consumer.brand_id)

    def keep(payer: Payer) -> BankAccount:
        return gateways.connect(account, Pulls).add_account(payer, number, currency=currency)

    found = as_payer(keep, consumer=consumer, gateway=account, at=at)
    with unit():
        return _keep(consumer, account, found, at)


def remove_method(*, consumer: Consumer, method: PaymentMethod, at: datetime) -> None:
    """Remove a method; it is not charged any more. A second call does nothing. NotFound for another person's method."""
    with unit():
        found = next((row for row in lock_methods(consumer) if row.id == method.id), None)
        if found is None:
            raise NotFound("There is no such payment method.")
        PaymentMethod.objects.filter(id=method.id, removed_at=None).update(removed_at=at)


def forget_methods(*, consumer_id: uuid.UUID, at: datetime) -> None:
    """Remove all methods of an erased consumer, the details that identify them, and the hash of the address sent to a gateway."""
    visits = CardSetup.objects.filter(consumer_id=consumer_id).values_list("id", flat=True)
    clear_cases(kind=ROUTES, subjects=[public_id(CardSetup.PREFIX, key) for key in visits], at=at)
    mine = PaymentMethod.objects.filter(consumer_id=consumer_id)
    mine.filter(removed_at=None).update(removed_at=at)
    mine.update(shown={})
    GatewayCustomer.objects.filter(consumer_id=consumer_id).update(email_hash="")


def make_default(*, consumer: Consumer, method: PaymentMethod) -> None:
    """Put a card first; the others keep their order. NotFound for another person's or a removed one, MethodNotUsable for a bank account."""
    if method.kind != MethodKind.CARD:
        raise MethodNotUsable("New purchases begin with a card: nothing can be held on a bank account.")
    with unit():
        lock_methods(consumer)
        methods = list_methods(consumer)
        if method.id not in {row.id for row in methods}:
            raise NotFound("There is no such payment method.")
        ordered = [method, *(row for row in methods if row.id != method.id)]
        for position, row in enumerate(ordered):
            PaymentMethod.objects.filter(id=row.id).exclude(position=position).update(position=position)


def block_methods(*, method_ids: Collection[uuid.UUID], at: datetime) -> None:
    """Stop charging methods that a gateway refused for good, or that the person must confirm first."""
    PaymentMethod.objects.filter(id__in=method_ids, blocked_at=None).update(blocked_at=at)


def _keep(consumer: Consumer, gateway: str, found: Card | BankAccount, at: datetime) -> PaymentMethod:
    """Save a card as the consumer's first method, a bank account as the last; a known token returns its method unchanged."""
    methods = lock_methods(consumer)
    known = PaymentMethod.objects.filter(gateway=gateway, token=found.token).first()
    if known is not None and known.consumer_id != consumer.id:
        log.error("a gateway gave %s the card of somebody else: %s", consumer.public_id, known.public_id)
        raise CardRefused("This cannot be saved. Use another one.", failure="card_of_somebody_else")
    if known is not None:
        return known
    shown = asdict(found)
    token, named = shown.pop("token"), shown.pop("fingerprint", "")
    kind, position = MethodKind.CARD, 0
    if isinstance(found, BankAccount):
        # Nothing can be held on a bank account, so it is never the first choice at a checkout.
        kind, position = MethodKind.BANK_DEBIT, max((row.position for row in methods), default=-1) + 1
    else:
        PaymentMethod.objects.filter(consumer=consumer, removed_at=None).update(position=F("position") + 1)
    made = PaymentMethod.objects.create(
        consumer=consumer,
        gateway=gateway,
        token=token,
        kind=kind,
        position=position,
        shown=shown,
        fingerprint=hash_of("card", named),
        created_at=at,
    )
    note_change(consumer=consumer, kind=ActKind.CARD if kind == MethodKind.CARD else ActKind.ACCOUNT, at=at)
    append(MethodEnabled(consumer=consumer.public_id), at=at)
    return made
