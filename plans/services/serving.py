"""Service fees that were agreed with a plan: charged with each capture, and given back on withdrawal or when all goods of it go back."""

from collections.abc import Collection, Sequence
from datetime import datetime

from core.db import unit
from plans.fees import ASKED
from plans.models import Fee, Installment, Plan
from plans.queries import installments_of, parts_of
from plans.rules.fees import FeeKind
from plans.rules.service import service_share
from plans.services.fees import decide_one, end_fees
from plans.states import FeeStatus

BY_CAPTURE = "capture"
"""Who charges such a fee."""


def charge_service(*, plan: Plan, started: Sequence[Installment], principal_minor: int, deposit_minor: int, at: datetime) -> Fee | None:
    """Charge a locked plan's new part its share of the agreed service fee; None without one.

    `started` are the payments of a capture of `principal_minor`, of which `deposit_minor` is not lent, by then counted in the plan.
    Its first payment after a deposit bears it, cut to what every cap leaves. A person who withdrew pays none.
    """
    agreed = int(plan.agreed.get("service_minor", 0))
    lent = started[1:] if deposit_minor else started
    if not agreed or not lent or plan.repay_by is not None:
        return None
    before = plan.captured_minor - principal_minor
    minor = service_share(agreed, amount_minor=plan.principal_minor, before_minor=before, part_minor=principal_minor)
    if not minor:
        return None
    with unit():
        rows = installments_of(plan)
        row = next(one for one in rows if one.number == lent[0].number)
        return decide_one(plan, rows, row, FeeKind.SERVICE, minor, actor=BY_CAPTURE, at=at)


def end_service(*, plan: Plan, reason: str, parts: Collection[int] | None = None, actor: str, at: datetime) -> None:
    """Take back the service fees of a locked plan's captures, or of some `parts`; what was paid of them goes back to what paid it."""
    if not plan.agreed.get("service_minor"):
        return
    rows = installments_of(plan)
    mine = [row.id for row in rows if parts is None or row.part in parts]
    wanted = {"installment__in": mine, "kind": FeeKind.SERVICE, "actor": BY_CAPTURE, "status": FeeStatus.CHARGED}
    if fees := list(Fee.objects.filter(ASKED, **wanted)):
        end_fees(plan=plan, rows=rows, fees=fees, status=FeeStatus.WITHDRAWN, reason=reason, actor=actor, at=at)


def end_refunded(*, plan: Plan, parts: Collection[int], actor: str, at: datetime) -> None:
    """Take back the service fee of each of some parts of a locked plan of which a refund left nothing; a smaller refund keeps it."""
    if not plan.agreed.get("service_minor"):
        return
    of = parts_of(installments_of(plan))
    gone = {part for part in parts if all(row.principal_minor == row.refunded_minor for row in of[part])}
    if gone:
        end_service(plan=plan, reason="All goods of it went back.", parts=gone, actor=actor, at=at)
