"""Reads of the shared kernel's rows."""

from django.db.models import QuerySet

from core.crypto import Erased
from core.errors import NotFound
from core.models import Delivery, ProviderAccount

TROUBLED = 3
"""The number of failed tries after which a person is alerted."""


def undelivered() -> QuerySet[Delivery]:
    """Return the deliveries that failed several times, or were given up."""
    return Delivery.objects.filter(done_at=None, attempts__gte=TROUBLED)


def given_up(most: int) -> QuerySet[Delivery]:
    """Return the deliveries that failed `most` times, without those about erased people, which can never be made."""
    return undelivered().filter(attempts__gte=most).exclude(error__startswith=Erased.__name__)


def lock_account(code: str) -> ProviderAccount | None:
    """Return the row of a provider account, locked until the transaction ends, or None."""
    return ProviderAccount.objects.select_for_update().filter(code=code).first()


def lock_delivery(pk: int) -> Delivery:
    """Return a delivery that is still open, locked until the transaction ends; NotFound."""
    duty = Delivery.objects.select_for_update().filter(pk=pk, done_at=None).first()
    if duty is None:
        raise NotFound("It is done already.")
    return duty
