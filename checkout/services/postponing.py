"""A shop pays so that its customer's payments come later."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from checkout.events import OrderPostponed
from checkout.models import Order, Postponement
from checkout.queries import lock_order
from checkout.services.items import record_for_shop
from checkout.subsidies.queries import find_postponed_since, is_postponing_offered, price_of_postponing
from core.clock import local_date
from core.db import unit
from core.errors import Conflict
from core.outbox import append
from ledger import shop_paid as ledger
from ledger.shop_paid import ShopPaidPosting
from merchants.models import Merchant
from plans import services as plans
from plans.models import Installment
from plans.queries import installments_of, lock_plan
from plans.services.moving import postponed_of


def postpone_order(
    *,
    order_id: uuid.UUID,
    merchant: Merchant,
    actor: str,
    at: datetime,
    seen_minor: int | None = None,
    repeated_within: timedelta | None = None,
) -> Postponement:
    """Let each payment to come of an order come one interval later, at the shop's cost; no amount changes.

    `seen_minor` is the price that the shop was shown: another one is refused with `order.postpone_price`. Conflict as well where the
    contract has no price for it (`order.postpone_not_offered`), where it was used up (`order.postpone_used`), or where the plan does not
    run as agreed. Of two at once, the second counts as one more; with `repeated_within`, for calls that nothing tells apart from a
    repetition, one that was made so shortly before is returned instead, and nothing is done.
    """
    with unit():
        order = lock_order(order_id, merchant)
        plan = lock_plan(order.plan_id)
        before = find_postponed_since(order, at - repeated_within) if repeated_within else None
        if before is not None:
            return before
        price = price_of_postponing(order, installments_of(plan), local_date(at, plan.time_zone))
        if seen_minor is not None and seen_minor != price.fee_minor:
            raise Conflict("The price changed since you looked. Nothing was changed. Please look again.", code="order.postpone_price")
        made = Postponement.objects.create(
            order=order, number=price.number, open_minor=price.open_minor, fee_minor=price.fee_minor, actor=actor, at=at
        )
        plans.postpone(plan=plan, reference=made.public_id, actor=actor, at=at)
        _book(order, made, plan.public_id)
    return made


def may_postpone(*, order: Order, rows: Sequence[Installment], at: datetime) -> bool:
    """Return whether `postpone_order` would do it now; at most three queries, none where the contract has no price for it."""
    if not is_postponing_offered(order):
        return False
    try:
        price_of_postponing(order, rows, local_date(at, order.plan.time_zone))
        postponed_of(order.plan, rows, at)
    except Conflict:
        return False
    return True


def _book(order: Order, made: Postponement, plan: str) -> None:
    merchant = order.merchant
    record_for_shop(order, kind="postpone", source=made.public_id, gross_minor=-made.fee_minor, at=made.at)
    ledger.postponements([ShopPaidPosting(made.public_id, plan, merchant.public_id, order.currency, made.fee_minor, made.at)])
    event = OrderPostponed(
        order=order.public_id, merchant=merchant.public_id, postponement=made.public_id, number=made.number, amount_minor=made.fee_minor
    )
    append(event, at=made.at)
