"""Take sold debts back, single ones, by two operators: what is left is owed to us again, or falls away where it was never owed."""

import uuid
from datetime import datetime

from django.utils.translation import gettext_noop

from controls.models import Proposal
from core.db import unit
from core.errors import Conflict
from core.outbox import append
from ledger import sales
from plans.events import DebtReturned
from plans.models import SoldPlan
from plans.queries import lock_plan
from plans.sales import find_sold, open_minor_of
from plans.services.forgiving import forgive_rest

NOT_BOOKED = gettext_noop("Enter the money that came before the sale first, with its day. Then nothing is open, and it can come back.")
RETURN_CHANGED = gettext_noop("What the buyer gets back changed meanwhile. Propose the return anew.")


def take_back(*, plan_id: uuid.UUID, cause: str, price_minor: int, proposal: Proposal, at: datetime) -> SoldPlan:
    """Take a sold plan back, by an approved proposal, for a price that we owe the buyer; the person pays to us again what is left, if any.

    Under the warranty that is what it was sold for less what was passed on. What is left of a debt that is rightly disputed falls away with
    it (`forgive_rest`). Conflict if it is not sold, if more was passed on meanwhile, or if something is open of what was paid before.
    """
    with unit():
        plan = lock_plan(plan_id)
        one = find_sold(plan_id)
        if one is None:
            raise Conflict("This debt is not sold.", code="plans.not_sold")
        if cause != SoldPlan.BOUGHT_BACK and price_minor != one.warranty_minor:
            raise Conflict(RETURN_CHANGED, code="plans.something_else")
        refuse_unbooked(plan_id, cause)
        one.returned_at, one.returned_by, one.return_cause, one.return_minor = at, proposal, cause, price_minor
        one.save(update_fields=["returned_at", "returned_by", "return_cause", "return_minor"])
        plan.sold_at = None
        plan.save(update_fields=["sold_at"])
        sales.debts_returned([sales.SalePosting(one.public_id, one.sale.public_id, plan.currency, price_minor, at)])
        if open_minor_of([plan.id]):
            let_go = cause == SoldPlan.DISPUTED
            if let_go:
                forgive_rest(plan=plan, reference=one.public_id, paid_minor=0, at=at, disputed=True)
            told = {"plan": plan.public_id, "sold": one.public_id, "buyer": one.sale.buyer}
            append(DebtReturned(**told, reference=plan.reference, let_go=let_go), at=at)
    return one


def refuse_unbooked(plan_id: uuid.UUID, cause: str) -> None:
    """Refuse that a debt comes back as paid before its sale while it is open: the money that came then is entered first; Conflict."""
    if cause == SoldPlan.PAID and open_minor_of([plan_id]):
        raise Conflict(NOT_BOOKED, code="plans.not_booked")
