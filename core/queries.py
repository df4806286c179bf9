"""Reads of the shared kernel's rows that somebody acts on."""

from core.errors import NotFound
from core.models import Delivery, ProviderAccount


def lock_account(code: str) -> ProviderAccount | None:
    """Return the row of an account with a provider, locked until the transaction ends, or None."""
    return ProviderAccount.objects.select_for_update().filter(code=code).first()


def lock_delivery(pk: int) -> Delivery:
    """Return a delivery that is still open, locked until the transaction ends; NotFound."""
    duty = Delivery.objects.select_for_update().filter(pk=pk, done_at=None).first()
    if duty is None:
        raise NotFound("It is done already.")
    return duty
