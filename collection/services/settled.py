"""How settlements end: one plan's by itself, the parts of an offer over several plans together."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from collection.events import SettlementBroken, SettlementPaid
from collection.models import Settlement
from collection.settling import owed_minor_of, paid_of, terms_now
from collection.states import SettlementStatus
from core.errors import NotFound
from core.outbox import append
from plans import services as plans
from plans.models import Installment
from plans.queries import installments_of, lock_plans
from plans.standstill import find_respite_of
from plans.states import PLAN_OWED


def lock_members(settlement_id: uuid.UUID) -> list[Settlement]:
    """Lock the plan of a settlement, or all plans of its offer, which covers their settlements; NotFound.

    Returns the parts of the offer in the order of their plans' keys, whatever became of them.
    """
    found = Settlement.objects.filter(pk=settlement_id).first()
    if found is None:
        raise NotFound("There is no such settlement.")
    mine = {"joint": found.joint_id} if found.joint_id else {"pk": found.pk}
    locked = {plan.pk: plan for plan in lock_plans(list(Settlement.objects.filter(**mine).values_list("plan", flat=True)))}
    members = list(Settlement.objects.filter(**mine).select_related("joint").order_by("plan_id"))
    for made in members:
        made.plan = locked[made.plan_id]
    return members


def told(members: Sequence[Settlement]) -> dict[str, Any]:
    """Return what an event tells of parts of one offer: its public id, the sum, the first plan, and of how many purchases it is."""
    first = members[0]
    offer = first.joint.public_id if first.joint else first.public_id
    ids: dict[str, Any] = {"plan": first.plan.public_id, "reference": first.plan.reference, "settlement": offer}
    return ids | {"amount_minor": sum(one.amount_minor for one in members), "currency": first.currency, "purchases": len(members)}


def fulfil(members: Sequence[Settlement], at: datetime) -> bool:
    """Let the rests of locked plans fall away once all parts that are still owed are paid; return whether they did.

    The part of a plan of which nothing is owed any more, or that is another's, is done: it falls away, and the others go on.
    """
    taken, paid_by = [], paid_of(members)
    for made in members:
        if made.plan.status in PLAN_OWED and made.plan.sold_at is None:
            taken.append((made, installments_of(made.plan), *paid_by[made.plan_id]))
        elif made.status == SettlementStatus.ACCEPTED:
            # All of it was paid or refunded, or it is another's: there is nothing to let go.
            end(made, "fall_away", at, paid_by[made.plan_id][0])
            plans.end_settlement_wait(plan=made.plan, at=at)
    ready = all(
        paid >= made.amount_minor and not any(row.charge_id for row in rows) and not _has_grown(made, rows, of_price)
        for made, rows, paid, of_price in taken
    )
    if not taken or not ready:
        return False
    forgiven = 0
    for made, _rows, paid, _of_price in taken:
        forgiven += plans.forgive_rest(plan=made.plan, reference=made.public_id, paid_minor=paid, at=at).amount_minor
        end(made, "settle", at, paid)
        plans.end_settlement_wait(plan=made.plan, at=at)
    append(SettlementPaid(**told([one[0] for one in taken]), forgiven_minor=forgiven), at=at)
    return True


def _has_grown(made: Settlement, rows: Sequence[Installment], paid_minor: int) -> bool:
    """Return whether more is left, without fees, than was when it was offered less what was paid: an earlier payment was taken back."""
    return owed_minor_of(rows) + paid_minor > made.owed_minor


def break_it(accepted: Sequence[Settlement], day: date, at: datetime) -> bool:
    """Break accepted parts of locked plans together if one was not paid by its day, or of one plan more is owed than then.

    Returns whether they are broken. A payment under way for any of them, or a stop, is waited for; none breaks in a breathing space, which
    moves the days of their parts (`terms_now`).
    """
    if find_respite_of(accepted[0].consumer_id) is not None:
        return False
    broken, paid_by = False, paid_of(accepted)
    for made in accepted:
        rows, (paid, of_price) = installments_of(made.plan), paid_by[made.plan_id]
        if made.plan.stopped_at is not None or any(row.charge_id for row in rows):
            return False
        broken = broken or paid < terms_now(made).due_minor(day) or _has_grown(made, rows, of_price)
    if not broken:
        return False
    for made in accepted:
        end(made, "break_it", at, paid_by[made.plan_id][0])
        plans.end_settlement_wait(plan=made.plan, at=at)
    append(SettlementBroken(**told(accepted), paid_minor=sum(paid for paid, _of_price in paid_by.values())), at=at)
    return True


def end_all(members: Sequence[Settlement], transition: str, at: datetime) -> None:
    """End settlements of which nothing was paid in the same way."""
    for made in members:
        end(made, transition, at)


def end(made: Settlement, transition: str, at: datetime, paid_minor: int = 0) -> None:
    """End a settlement of a locked plan, with what was paid of it."""
    getattr(made, transition)()
    made.paid_minor, made.decided_at = paid_minor, at
    made.save(update_fields=["status", "paid_minor", "decided_at"])
