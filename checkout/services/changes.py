"""The history of an order, other than its captures and refunds."""

from datetime import datetime

from checkout.models import Order, OrderChange


def record_change(order: Order, kind: str, *, actor: str, at: datetime, amount_minor: int = 0) -> None:
    """Record a change of a locked order, in the caller's transaction; `amount_minor` is the amount that it released."""
    OrderChange.objects.create(order=order, kind=kind, amount_minor=amount_minor, actor=actor, at=at)
