"""Reads of payment methods and movements."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from accounts.models import Consumer
from core import providers
from core.compiled import compiled
from core.db import rows, wait_lock
from core.errors import NotFound
from core.ids import parse_id
from core.providers import Capability, ProviderMissing
from core.states import words
from core.unreadable import listing
from payments import gateways
from payments.gateways.base import ChargeRequest, Events, Outcome, PayoutRequest, Payouts, RefundRequest, Takings
from payments.models import (
    Authorization,
    Break,
    CardSetup,
    Charge,
    Dispute,
    EventReading,
    MethodKind,
    Movement,
    MovementEvent,
    PaymentMethod,
    Payout,
    Refund,
    Transfer,
    Turn,
)
from payments.speaking import speaker_of
from payments.states import (
    MOVEMENT_MADE,
    MOVEMENT_OPEN,
    MOVEMENT_UNDONE,
    MOVEMENT_UNENDED,
    TRANSFER_PAYS,
    BreakStatus,
    DisputeStatus,
    MovementStatus,
    TransferStatus,
)

# SQL conditions that say whether a timer has work; `wall` is the real time.
_UNANSWERED = f"""EXISTS (
    SELECT 1 FROM {{table}} WHERE status IN ({words(MOVEMENT_OPEN)}) AND (claimed_until IS NULL OR claimed_until <= %(wall)s){{more}})"""  # noqa: S608
CHARGES_WAIT = _UNANSWERED.format(table="payments_charge", more="")
PULLS_WAIT = f"""EXISTS (
    SELECT 1 FROM payments_charge
    WHERE status = '{MovementStatus.UNDER_WAY}' AND next_look_at <= %(at)s AND (claimed_until IS NULL OR claimed_until <= %(wall)s))"""  # noqa: S608
READINGS_WAIT = """(
    NOT EXISTS (SELECT 1 FROM payments_eventreading) OR EXISTS (SELECT 1 FROM payments_eventreading WHERE next_at <= %(at)s))"""
AUTHORIZATIONS_WAIT = _UNANSWERED.format(table="payments_authorization", more="")
# A refund of a disputed charge waits, because the bank may return the money.
UNDISPUTED = f""" AND NOT EXISTS (
    SELECT 1 FROM payments_dispute d WHERE d.charge_id = payments_refund.charge_id AND d.status = '{DisputeStatus.OPEN}')"""  # noqa: S608  (a word of our own)
REFUNDS_WAIT = _UNANSWERED.format(table="payments_refund", more=UNDISPUTED)
PAYOUTS_WAIT = _UNANSWERED.format(table="payments_payout", more="")
MANDATES_STAND = f"""EXISTS (
    SELECT 1 FROM payments_paymentmethod m
    WHERE m.kind = 'bank_debit' AND m.removed_at IS NOT NULL AND m.ended_at IS NULL
        AND (m.claimed_until IS NULL OR m.claimed_until <= %(wall)s)
        AND NOT EXISTS (
            SELECT 1 FROM payments_charge c WHERE c.payment_method_id = m.id AND c.status IN ({words(MOVEMENT_UNENDED)})))"""  # noqa: S608
HOLDS_UNNEEDED = f"""EXISTS (
    SELECT 1 FROM payments_authorization WHERE status = '{MovementStatus.SUCCEEDED}' AND released_at IS NULL AND (
        created_at <= %(at)s - interval '7 days' OR release_wanted_at IS NOT NULL AND claimed_until IS NULL
        OR used_at IS NOT NULL AND claimed_until IS NULL OR claimed_until <= %(wall)s))"""  # noqa: S608


def smallest_charge(gateway: str, currency: str) -> int:
    """Return the smallest amount that a gateway holds, charges or pulls in a currency, in minor units."""
    return gateways.connect(gateway, Takings).smallest(currency)


def smallest_new_charge(market: str, currency: str, brand: str | None = "") -> int:
    """Return the smallest charge to a card that is added now by a customer of a brand, in minor units; 1 if no card can be added."""
    try:
        return smallest_charge(gateways.for_cards(market=market, currency=currency, brand=brand), currency)
    except ProviderMissing:
        return 1


def list_methods(consumer: Consumer) -> list[PaymentMethod]:
    """Return a consumer's methods that are not removed, the default one first; refused ones have `blocked_at`."""
    return list(PaymentMethod.objects.filter(consumer=consumer, removed_at=None).order_by("position", "-id"))


def list_cards(consumer: Consumer) -> list[PaymentMethod]:
    """Return a consumer's cards that are not removed, in order; only cards can be held for a first payment."""
    return [method for method in list_methods(consumer) if method.kind == MethodKind.CARD]


def serves_pulls(*, market: str, currency: str, brand: str | None = "") -> bool:
    """Return whether customers of a brand in a market can add a bank account that is debited in a currency."""
    return bool(providers.choose(Capability.PULLS, market=market, currency=currency, brand=brand))


@compiled
def _methods(method_id: uuid.UUID, consumer_id: uuid.UUID) -> QuerySet[PaymentMethod]:
    return PaymentMethod.objects.filter(id=method_id, consumer_id=consumer_id, removed_at=None)


def access_method(consumer: Consumer, method_id: uuid.UUID) -> PaymentMethod:
    """Return a consumer's own method that is not removed; NotFound."""
    method = _methods.first(method_id, consumer.id)
    if method is None:
        raise NotFound("There is no such payment method.")
    return method


def is_removed(method_id: uuid.UUID) -> bool:
    """Return whether a method is removed, read again from the database."""
    return PaymentMethod.objects.filter(id=method_id, removed_at__isnull=False).exists()


def consumers_with_card(last4: str, *, limit: int) -> list[uuid.UUID]:
    """Return the keys of the people with a card or account that ends in these digits, newest first; removed methods count too."""
    found = PaymentMethod.objects.alias(digits=KeyTextTransform("last4", "shown")).filter(digits=last4).order_by("-id")
    return list(dict.fromkeys(found.values_list("consumer_id", flat=True)[: 4 * limit]))[:limit]


def find_last_setup(consumer: Consumer) -> CardSetup | None:
    """Return a consumer's newest visit to the gateway's card page, or None."""
    return CardSetup.objects.filter(consumer=consumer, checks=None).order_by("-id").first()


def lock_methods(consumer: Consumer) -> list[PaymentMethod]:
    """Return a consumer's methods after locking the consumer's row, so that concurrent changes of their order wait."""
    Consumer.objects.select_for_update(no_key=True).only("id").get(id=consumer.id)
    return list(PaymentMethod.objects.filter(consumer=consumer).order_by("id"))


_PROVEN = f"""
    SELECT EXISTS (SELECT 1 FROM payments_authorization WHERE payment_method_id = %(method)s AND status = '{MovementStatus.SUCCEEDED}')
        OR EXISTS (SELECT 1 FROM payments_charge WHERE payment_method_id = %(method)s AND status = '{MovementStatus.SUCCEEDED}')"""  # noqa: S608


def is_proven(method: PaymentMethod) -> bool:
    """Return whether a card has paid or held an amount before; tries of such a card are not limited."""
    return bool(rows(_PROVEN, {"method": method.id})[0][0])


def list_proven(consumer: Consumer) -> list[PaymentMethod]:
    """Return a consumer's cards that can be charged and have paid or held an amount before."""
    return [method for method in list_methods(consumer) if method.is_usable and is_proven(method)]


def list_charges(reference: str) -> list[Charge]:
    """Return the charges for a reference, newest first, with their methods."""
    return list(Charge.objects.filter(reference=reference).select_related("payment_method").order_by("-id"))


_BRAND = F("payment_method__consumer__brand_id")


def load_charges(ids: Sequence[uuid.UUID]) -> list[ChargeRequest]:
    """Return the requests of charges as they were first sent."""
    found = Charge.objects.filter(id__in=ids).select_related("payment_method", "authorization").annotate(brand=_BRAND).order_by("id")
    return [
        ChargeRequest(
            id=charge.id,
            gateway=charge.gateway,
            token=charge.payment_method.token,
            payment_method_id=charge.payment_method_id,
            reference=charge.reference,
            amount_minor=charge.amount_minor,
            currency=charge.currency,
            authorization_id=charge.authorization_id,
            authorization_ref=charge.authorization.gateway_ref if charge.authorization else "",
            actor=charge.actor,
            kind=charge.payment_method.kind,
            speaker=speaker_of(charge.brand),
        )
        for charge in found
    ]


def load_refunds(ids: Sequence[uuid.UUID]) -> list[RefundRequest]:
    """Return the requests of refunds as they were first sent."""
    found = Refund.objects.filter(id__in=ids).select_related("charge", "payment_method").order_by("id")
    return [request_of(refund) for refund in found]


def request_of(refund: Refund) -> RefundRequest:
    """Return the request of a refund; its charge is loaded."""
    return RefundRequest(
        id=refund.id,
        gateway=refund.gateway,
        charge_id=refund.charge_id,
        charge_ref=refund.charge.gateway_ref,
        reference=refund.reference,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        payment_method_id=refund.payment_method_id,
        token=refund.payment_method.token if refund.payment_method else "",
    )


def load_payouts(ids: Sequence[uuid.UUID]) -> list[PayoutRequest]:
    """Return the requests of payouts as they were first sent."""
    return [
        PayoutRequest(
            id=payout.id,
            gateway=payout.gateway,
            destination=payout.destination,
            reference=payout.reference,
            owner=payout.owner,
            amount_minor=payout.amount_minor,
            currency=payout.currency,
        )
        for payout in Payout.objects.filter(id__in=ids).order_by("id")
    ]


def lock_payout(payout_id: uuid.UUID) -> Payout:
    """Return an existing payout, locked until the transaction ends."""
    return Payout.objects.select_for_update().get(id=payout_id)


def lock_charge(charge_id: uuid.UUID) -> Charge:
    """Return an existing charge, locked until the transaction ends."""
    return Charge.objects.select_for_update().get(id=charge_id)


def find_dispute(public_id: str) -> Dispute | None:
    """Return a dispute with its charge and card by its public id; None where there is none."""
    try:
        key = parse_id(Dispute.PREFIX, public_id)
    except NotFound:
        return None
    return Dispute.objects.select_related("charge__payment_method").filter(id=key).first()


_NET = """
    SELECT coalesce(sum(CASE kind WHEN 'reversed' THEN amount_minor WHEN 'reinstated' THEN -amount_minor END), 0)::bigint,
        coalesce(sum(CASE kind WHEN 'fee' THEN amount_minor WHEN 'fee_returned' THEN -amount_minor END), 0)::bigint
    FROM payments_movementevent WHERE movement_kind = 'charge' AND movement_id = %s AND (%s::uuid IS NULL OR dispute_id = %s::uuid)"""


def sum_withdrawn(charge_id: uuid.UUID, dispute_id: uuid.UUID | None = None) -> int:
    """Return how much of a charge banks have taken back and not returned, in minor units, in all or for one dispute."""
    return int(rows(_NET, [charge_id, dispute_id, dispute_id])[0][0])


def sum_fees(charge_id: uuid.UUID, dispute_id: uuid.UUID | None = None) -> int:
    """Return the fees that a gateway took for turns of a charge, less those given back, in minor units, in all or for one dispute."""
    return int(rows(_NET, [charge_id, dispute_id, dispute_id])[0][1])


def stays_taken(charge_id: uuid.UUID) -> bool:
    """Return whether the bank has taken a charge back for good: it returned the charge, or a dispute is lost."""
    reversed_ = Charge.objects.filter(id=charge_id, status=MovementStatus.REVERSED)
    return reversed_.exists() or Dispute.objects.filter(charge_id=charge_id, status=DisputeStatus.LOST).exists()


def is_disputed(reference: str) -> bool:
    """Return whether a charge for a reference has an open or lost dispute that nobody has waived."""
    return Dispute.objects.filter(reference=reference, status__in=[DisputeStatus.OPEN, DisputeStatus.LOST], waived_at=None).exists()


def is_being_disputed(reference: str) -> bool:
    """Return whether a bank still has to decide about a charge for a reference."""
    return Dispute.objects.filter(reference=reference, status=DisputeStatus.OPEN).exists()


PAID_OTHERWISE = (Turn.COVERED, Turn.TRANSFERRED)
"""Turns that mean that a failed refund was paid in another way, until that payment is returned too (`owed`)."""
_MOVEMENTS: dict[str, Any] = {model.PREFIX: model for model in (Authorization, Charge, Refund, Payout)}


def find_movement(public_id: str) -> Movement | None:
    """Return the movement of any kind with a public id; None if there is none."""
    model = _MOVEMENTS.get(public_id.partition("_")[0])
    try:
        return model.objects.filter(pk=parse_id(model.PREFIX, public_id)).first() if model is not None else None
    except NotFound:
        return None


def lock_refund(refund_id: uuid.UUID) -> Refund:
    """Return a refund with its charge, locked until the transaction ends; NotFound."""
    related = Refund.objects.select_related("charge__payment_method__consumer", "payment_method")
    found = related.select_for_update(of=("self",)).filter(id=refund_id).first()
    if found is None:
        raise NotFound("There is no such refund.")
    return found


def lock_last_refund(refund: Refund) -> Refund:
    """Return the newest refund in the chain of replacements that a locked refund begins, with its charge, locked."""
    again = Refund.objects.select_related("charge").select_for_update(of=("self",)).filter(replaces=refund).first()
    return lock_last_refund(again) if again is not None else refund


def lock_break(break_id: uuid.UUID) -> Break:
    """Return a break, locked until the transaction ends; NotFound."""
    found = Break.objects.select_for_update().filter(id=break_id).first()
    if found is None:
        raise NotFound("There is no such break.")
    return found


def list_open_breaks(limit: int) -> list[Break]:
    """Return the open breaks, oldest first, at most `limit`."""
    return list(Break.objects.filter(status=BreakStatus.OPEN).order_by("id")[:limit])


def count_open_breaks() -> int:
    """Return the number of open breaks."""
    return Break.objects.filter(status=BreakStatus.OPEN).count()


def list_bounced_payouts(owners: Collection[str]) -> list[Payout]:
    """Return the payouts to some merchants that were returned and that no later payout has replaced yet, oldest first; one query."""
    turned = MovementEvent.objects.filter(movement_id=OuterRef("pk"), movement_kind="payout")
    bounced = turned.filter(kind=Turn.BOUNCED).order_by("-number").values("number")[:1]
    undone = Payout.objects.filter(owner__in=list(owners), status__in=MOVEMENT_UNDONE).alias(bounced=Coalesce(Subquery(bounced), 0))
    return list(undone.exclude(Exists(turned.filter(kind=Turn.RESENT, number__gte=OuterRef("bounced")))).order_by("id"))


def takes_payouts(owner: str, destination: str) -> bool:
    """Return whether a merchant can be paid to an account: no payout to it was returned with a break that is still open.

    One query for a merchant without returned payouts, otherwise two; open breaks of others do not matter.
    """
    bounced = [payout.public_id for payout in list_bounced_payouts([owner]) if payout.destination == destination]
    return not bounced or not Break.objects.filter(kind="payout_failed", subject__in=bounced, status=BreakStatus.OPEN).exists()


def find_waiting_action(reference: str) -> Charge | None:
    """Return the newest charge for a reference if the person still has to confirm it at `action_url`; else None."""
    newest = Charge.objects.filter(reference=reference).order_by("-id").first()
    return newest if newest is not None and newest.status == MovementStatus.FAILED and newest.action_url else None


def refused_kinds(reference: str) -> dict[str, str]:
    """Return, for each failure code of charges for a reference, the kind of payment method that last failed with it."""
    failed = Charge.objects.filter(reference=reference, status=MovementStatus.FAILED).order_by("id")
    return dict(failed.values_list("failure", "payment_method__kind"))


def list_refunds(reference: str) -> list[Refund]:
    """Return the refunds for a reference, newest first, with charge and method."""
    found = Refund.objects.filter(reference=reference).select_related("charge__payment_method", "payment_method")
    return list(found.order_by("-id"))


def unpaid_refunds() -> QuerySet[Refund]:
    """Select refunds that failed or came back and are still owed: not sent again, not paid otherwise, no transfer under way."""
    turned = MovementEvent.objects.filter(movement_id=OuterRef("pk"), movement_kind="refund", kind__in=[*PAID_OTHERWISE, Turn.OWED])
    newest = Coalesce(Subquery(turned.order_by("-id").values("kind")[:1]), Value(""))
    under_way = Transfer.objects.filter(refund=OuterRef("pk"), status__in=TRANSFER_PAYS)
    undone = Refund.objects.filter(status__in=MOVEMENT_UNDONE, replacement=None)
    return (
        undone.alias(newest=newest)
        .exclude(newest__in=PAID_OTHERWISE)
        .exclude(Exists(under_way))
        .select_related("charge__payment_method__consumer", "payment_method")
    )


def list_unpaid_refunds(reference: str) -> list[Refund]:
    """Return the failed refunds for a reference that are still owed, oldest first."""
    return list(unpaid_refunds().filter(reference=reference).order_by("id"))


def is_unpaid(refund_id: uuid.UUID) -> bool:
    """Return whether a refund failed and is still owed."""
    return unpaid_refunds().filter(id=refund_id).exists()


def refunds_with_transfer(refund_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Return which of some refunds have a transfer that is not rejected; one query."""
    wanted = Transfer.objects.filter(refund_id__in=list(refund_ids)).exclude(status=TransferStatus.REJECTED)
    return set(wanted.values_list("refund_id", flat=True))


def count_refunds_elsewhere(references: Collection[str], *, since: datetime) -> int:
    """Return how many refunds for some references went to another method than the one that paid, or to a bank account; one query."""
    other = Q(payment_method__isnull=False) & ~Q(payment_method=F("charge__payment_method")) & ~Q(status__in=MOVEMENT_UNDONE)
    transferred = Exists(Transfer.objects.filter(refund=OuterRef("pk")).exclude(status=TransferStatus.REJECTED))
    return Refund.objects.filter(other | Q(transferred), reference__in=references, created_at__gt=since).count()


def find_transfer(refund_id: uuid.UUID) -> Transfer | None:
    """Return the transfer that pays or paid a refund, unless it was rejected; else None."""
    with listing():
        return Transfer.objects.filter(refund_id=refund_id).exclude(status=TransferStatus.REJECTED).first()


def lock_disputes(charge_id: uuid.UUID) -> None:
    """Lock the disputes of a charge, and the failures of its refunds, until the transaction ends; always taken before other locks."""
    wait_lock(f"disputes:{charge_id}")


_LOCK_DISPUTES = f"""
    WITH made AS MATERIALIZED (
        SELECT id FROM payments_charge WHERE reference = %s AND status IN ({words(MOVEMENT_MADE)}) ORDER BY id)
    SELECT count(pg_advisory_xact_lock(hashtextextended('disputes:' || id::text, 0))) FROM made"""  # noqa: S608  (words of our own)


def lock_disputes_of(reference: str) -> None:
    """Lock the disputes of every charge for a reference, in the order of their keys, before the reference itself is locked.

    Until then no bank's return of these charges is recorded, so that the money can be refunded while the lock is held.
    """
    rows(_LOCK_DISPUTES, [reference])


def lock_refund_of(transfer_id: uuid.UUID) -> Refund:
    """Return the refund that a transfer pays, locked: after the dispute lock of its charge and before the transfer; NotFound."""
    found = Transfer.objects.filter(id=transfer_id).values_list("refund_id", "refund__charge_id").first()
    if found is None:
        raise NotFound("There is no such transfer.")
    lock_disputes(found[1])
    return lock_refund(found[0])


def lock_unpaid_refunds(charge: Charge) -> list[Refund]:
    """Return the failed refunds of a charge that are still owed, locked, so that no other process sends or pays them meanwhile."""
    undone = Refund.objects.filter(charge=charge, status__in=MOVEMENT_UNDONE).order_by("id")
    ids = [refund.id for refund in undone.select_for_update()]
    # A second query: the first one took its snapshot before it waited for the locks, and may have missed changes.
    return list(unpaid_refunds().filter(id__in=ids).order_by("id"))


def lock_transfer(transfer_id: uuid.UUID) -> Transfer:
    """Return a transfer with its refund, locked until the transaction ends; NotFound."""
    found = Transfer.objects.select_related("refund__charge__payment_method").select_for_update(of=("self",)).filter(id=transfer_id).first()
    if found is None:
        raise NotFound("There is no such transfer.")
    return found


_GATEWAYS = """
    WITH RECURSIVE found AS (
        (SELECT gateway FROM payments_paymentmethod ORDER BY gateway LIMIT 1)
        UNION ALL
        SELECT (SELECT m.gateway FROM payments_paymentmethod m WHERE m.gateway > found.gateway ORDER BY m.gateway LIMIT 1)
        FROM found WHERE found.gateway IS NOT NULL)
    SELECT gateway FROM found WHERE gateway IS NOT NULL"""


def list_gateways() -> list[str]:
    """Return the gateways that store any payment method; reads one index entry for each gateway, however many methods there are."""
    return [name for (name,) in rows(_GATEWAYS)]


def list_reporting() -> list[str]:
    """Return the accounts whose lists of events are read: those in use, and those that still store cards of consumers."""
    providers.refresh()
    used = set(list_gateways())
    return [
        account.code
        for account in providers.list_accounts()
        if (account.active or account.code in used) and Capability.REPORTS in providers.get_provider(account.provider).capabilities
    ]


def list_readings() -> dict[str, EventReading]:
    """Return how far the gateways' lists of events have been read, by account."""
    return {reading.gateway: reading for reading in EventReading.objects.all()}


def find_door(name: str) -> Events:
    """Return the gateway that may send events under a name: it is in use, or still stores cards of consumers; NotFound.

    A live installation accepts no events from the sandbox's gateway.
    """
    providers.refresh()
    if not providers.get_account(name).active and name not in list_gateways():
        raise NotFound("There is no such gateway.")
    return gateways.connect(name, Events)


def find_at_gateway(public_id: str) -> Outcome | None:
    """Look up a charge, refund or payout at its gateway by public id; None if we or the gateway know no such movement."""
    prefix = public_id.partition("_")[0]
    try:
        key = parse_id(prefix, public_id)
    except NotFound:
        return None
    if prefix == "chg":
        return next((gateways.find_charge(request) for request in load_charges([key])), None)
    if prefix == "rfd":
        return next((gateways.connect(request.gateway, Takings).find_refund(request) for request in load_refunds([key])), None)
    if prefix == "pay":
        return next((gateways.connect(request.gateway, Payouts).find_payout(request) for request in load_payouts([key])), None)
    return None
