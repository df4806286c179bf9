"""Reads of payment methods, and of visits to the pages where they are named."""

import uuid
from datetime import datetime

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform

from accounts.models import Consumer
from core.compiled import compiled
from core.db import rows
from core.errors import NotFound
from payments.models import CardSetup, MethodKind, PaymentMethod
from payments.states import CheckState, MovementStatus


def list_methods(consumer: Consumer) -> list[PaymentMethod]:
    """Return a consumer's methods that are not removed, the default one first; refused ones have `blocked_at`."""
    return list(PaymentMethod.objects.filter(consumer=consumer, removed_at=None).order_by("position", "-id"))


def list_cards(consumer: Consumer) -> list[PaymentMethod]:
    """Return a consumer's cards that are not removed, in order; only cards can be held for a first payment."""
    return [method for method in list_methods(consumer) if method.kind == MethodKind.CARD]


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


def find_last_setup(consumer: Consumer, reference: str) -> CardSetup | None:
    """Return a consumer's newest visit to the gateway's card page for a purchase, or None."""
    return CardSetup.objects.filter(consumer=consumer, reference=reference, checks=None).order_by("-id").first()


def list_checks(method: PaymentMethod, reference: str, *, since: datetime, at: datetime) -> QuerySet[CardSetup]:
    """Select the questions to the bank of a card for a purchase that were asked after `since`, newest first."""
    asked = CardSetup.objects.filter(consumer=method.consumer_id, checks=method, reference=reference)
    return asked.filter(created_at__gt=since, created_at__lte=at).order_by("-id")


def find_bank_answer(consumer_id: uuid.UUID, reference: str) -> CheckState | None:
    """Return what banks said of cards of a person for a purchase: a refusal before others; None if none was asked. One query.

    Visits are deleted after some days (`payments.retentions`); then it is None too.
    """
    asked = CardSetup.objects.filter(consumer=consumer_id, reference=reference, checks__isnull=False)
    answers = set(asked.values_list("answer", flat=True))
    said = (CheckState.REFUSED, CheckState.CONFIRMED)
    return next((one for one in said if one in answers), CheckState.OPEN) if answers else None


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
