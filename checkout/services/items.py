"""What an order adds to the balance of its shop."""

from datetime import datetime

from checkout.models import Order
from merchants import services as merchants


def record_for_shop(order: Order, *, kind: str, source: str, gross_minor: int, fee_minor: int = 0, at: datetime) -> None:
    """Add an item of an order to its shop's balance, once for each source; amounts as `merchants.services.record_item`."""
    merchants.record_item(
        merchant_id=order.merchant_id,
        kind=kind,
        source=source,
        order_ref=order.public_id,
        merchant_reference=order.merchant_reference,
        gross_minor=gross_minor,
        fee_minor=fee_minor,
        at=at,
    )
