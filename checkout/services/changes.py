"""The history of an order beside its captures and refunds."""

from datetime import datetime

from checkout.models import Order, OrderChange


def record_change(order: Order, kind: str, *, actor: str, at: datetime, amount_minor: int = 0) -> None:
    """Keep what happened to a locked order, in the caller's transaction; `amount_minor` is what fell away with it."""
    OrderChange.objects.create(order=order, kind=kind, amount_minor=amount_minor, actor=actor, at=at)
