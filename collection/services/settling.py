"""Settle late plans for less: offered by operators, accepted by people, and ended by what they pay, or do not."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import User
from checkout.queries import lock_order_of_plan
from checkout.states import ORDER_OPEN
from collection.events import SettlementAccepted, SettlementBroken, SettlementOffered, SettlementPaid
from collection.models import Promise, Settlement
from collection.services.cases import MAY_WORK
from collection.settling import (
    REFUSED,
    Terms,
    check_terms,
    find_live,
    may_alone,
    open_minor_of,
    owed_minor_of,
    paid_since,
    stage_of,
    terms_now,
    why_closed,
)
from collection.settling_guards import AMOUNT, PARTS, SETTLING
from collection.states import SETTLEMENT_LIVE, PromiseStatus, SettlementStatus
from controls import services as controls
from controls.models import Proposal
from core.clock import local_date
from core.db import unit
from core.errors import Conflict, NotFound, require
from core.outbox import append
from core.sentences import marked
from markets.queries import find_settlement
from plans import services as plans
from plans.models import Installment, Plan
from plans.queries import installments_of, lock_plan, lock_plans
from plans.standstill import find_respite_of
from plans.states import PLAN_OWED

DAYS = 14
"""Days until an offer ends where its market has no setting."""
GONE = marked("This is not offered any more.")


def settle_for(*, plan_id: uuid.UUID, terms: Terms, note: str, user: User, at: datetime) -> Settlement | Proposal:
    """Offer a person to take an amount as full payment of a late plan; where one operator may not alone, propose it with a note.

    Conflict where nothing can be settled now (`collection.settlement_` and a key of `REFUSED`), or while the shop may still ship some of
    the order; Invalid for terms that are none.
    """
    require(user, MAY_WORK)
    with unit():
        plan, rows = _lock(plan_id)
        check_terms(plan, rows, terms, at)
        if may_alone(plan, rows, terms, local_date(at, plan.time_zone)):
            return _offer(plan, rows, terms, None, str(user.pk), at)
        after = {AMOUNT: terms.amount_minor, PARTS: terms.written()}
        return controls.propose(kind=SETTLING, subject=str(plan.pk), after=after, reason=note, starts_on=None, user=user, at=at)


def offer_agreed(*, plan_id: uuid.UUID, terms: Terms, proposal: Proposal, at: datetime) -> Settlement:
    """Offer a person the settlement on which two people agreed; errors as `settle_for`."""
    with unit():
        plan, rows = _lock(plan_id)
        check_terms(plan, rows, terms, at)
        return _offer(plan, rows, terms, proposal, proposal.proposed_by, at)


def _lock(plan_id: uuid.UUID) -> tuple[Plan, list[Installment]]:
    order = lock_order_of_plan(plan_id)
    if order.status in ORDER_OPEN:
        raise Conflict("The shop may still ship some of this order. Wait until it did, or until that ends.", code="plans.order_open")
    plan = lock_plan(plan_id)
    return plan, installments_of(plan)


def _offer(plan: Plan, rows: list[Installment], terms: Terms, proposal: Proposal | None, actor: str, at: datetime) -> Settlement:
    today, stage = local_date(at, plan.time_zone), stage_of(plan, rows, local_date(at, plan.time_zone))
    if (before := find_live(plan.pk)) is not None:
        _end(before, "fall_away", at)
    days = find_settlement(plan.product.market_id, stage, today).get("days", DAYS)
    made = Settlement.objects.create(
        consumer_id=plan.consumer_id,
        plan=plan,
        stage=stage,
        open_minor=open_minor_of(rows),
        owed_minor=owed_minor_of(rows),
        amount_minor=terms.amount_minor,
        parts=terms.written(),
        # The first part is paid by whoever accepted it before.
        until=min(today + timedelta(days=days), terms.parts[0][0]),
        proposal=proposal,
        made_by=actor,
        made_at=at,
    )
    append(SettlementOffered(**_told(plan, made), until=made.until.isoformat(), forgiven_minor=made.forgiven_minor), at=at)
    return made


def _told(plan: Plan, made: Settlement) -> dict[str, Any]:
    ids: dict[str, Any] = {"plan": plan.public_id, "reference": plan.reference, "settlement": made.public_id}
    return ids | {"amount_minor": made.amount_minor, "currency": plan.currency}


def withdraw_settlement(*, settlement_id: uuid.UUID, user: User, at: datetime) -> Settlement:
    """Take back an offer that nobody accepted yet; Conflict if it is not offered any more."""
    require(user, MAY_WORK)
    with unit():
        _plan, made = _lock_settlement(settlement_id)
        if made.status != SettlementStatus.OFFERED:
            raise Conflict(GONE, code="collection.settlement_gone")
        _end(made, "fall_away", at)
    return made


def accept_settlement(*, settlement_id: uuid.UUID, actor: str, at: datetime) -> Settlement:
    """Accept an offer for its person, who did so themselves or told an operator (`actor`): workers charge nothing until its last day.

    What was paid since the offer counts; if that is all of it, the plan is settled at once. A promise for the plan falls away. Conflict if
    the offer is gone or over, while a payment is under way, and where nothing can be settled now.
    """
    with unit():
        plan, made = _lock_settlement(settlement_id)
        rows = installments_of(plan)
        if made.status != SettlementStatus.OFFERED or made.until < local_date(at, plan.time_zone):
            raise Conflict(GONE, code="collection.settlement_gone")
        if (why := why_closed(plan, rows, at)) and why != "not_late":
            raise Conflict(REFUSED[why], code=f"collection.settlement_{why}")
        if plan.status not in PLAN_OWED:
            raise Conflict(GONE, code="collection.settlement_gone")
        for promise in Promise.objects.filter(plan=plan, status=PromiseStatus.WAITING):
            promise.fall_away()
            promise.decided_at = at
            promise.save(update_fields=["status", "decided_at"])
        made.accept()
        made.accepted_by, made.accepted_at = actor, at
        made.save(update_fields=["status", "accepted_by", "accepted_at"])
        last = Terms.read(made.parts).parts[-1][0]
        plans.wait_for_settlement(plan=plan, until=last, at=at)
        append(SettlementAccepted(**_told(plan, made), until=made.parts[0][0]), at=at)
        _fulfil(plan, made, at)
    return made


def note_acceptance(*, settlement_id: uuid.UUID, user: User, at: datetime) -> Settlement:
    """Note that the person accepted an offer on the phone; they get its confirmation by letter."""
    require(user, MAY_WORK)
    return accept_settlement(settlement_id=settlement_id, actor=str(user.pk), at=at)


def _lock_settlement(settlement_id: uuid.UUID) -> tuple[Plan, Settlement]:
    """Lock the plan of a settlement, which covers its settlements; NotFound."""
    found = Settlement.objects.filter(pk=settlement_id).first()
    if found is None:
        raise NotFound("There is no such settlement.")
    plan = lock_plan(found.plan_id)
    made = Settlement.objects.get(pk=settlement_id)
    made.plan = plan
    return plan, made


def settle_paid(*, plan_id: uuid.UUID, at: datetime, again: bool = False) -> bool:
    """Let the rest of a plan fall away if all of its accepted settlement is paid; return whether it did. Safe to repeat.

    With `again`, also one that was reopened, since the bank paid after all.
    """
    statuses = [SettlementStatus.ACCEPTED, *([SettlementStatus.REOPENED] if again else [])]
    if not Settlement.objects.filter(plan=plan_id, status__in=statuses).exists():
        return False
    with unit():
        plan = lock_plan(plan_id)
        made = Settlement.objects.filter(plan=plan, status__in=statuses).order_by("-id").first()
        if made is None:
            return False
        made.plan = plan
        return _fulfil(plan, made, at)


def _fulfil(plan: Plan, made: Settlement, at: datetime) -> bool:
    rows, (paid, of_price) = installments_of(plan), paid_since(made)
    if plan.status not in PLAN_OWED or plan.sold_at is not None:
        # All of it was paid or refunded, or it is another's: there is nothing to let go.
        if made.status == SettlementStatus.ACCEPTED:
            _end(made, "fall_away", at, paid)
            plans.end_settlement_wait(plan=plan, at=at)
        return False
    if paid < made.amount_minor or any(row.charge_id for row in rows) or _has_grown(made, rows, of_price):
        return False
    forgiven = plans.forgive_rest(plan=plan, reference=made.public_id, paid_minor=paid, at=at)
    _end(made, "settle", at, paid)
    plans.end_settlement_wait(plan=plan, at=at)
    append(SettlementPaid(**_told(plan, made), forgiven_minor=forgiven.amount_minor), at=at)
    return True


def _has_grown(made: Settlement, rows: Sequence[Installment], paid_minor: int) -> bool:
    """Return whether more is left, without fees, than was when it was offered less what was paid: an earlier payment was taken back."""
    return owed_minor_of(rows) + paid_minor > made.owed_minor


def close_settlements(*, plan_ids: Sequence[uuid.UUID], day: date, at: datetime) -> int:
    """End the settlements of locked plans as of a closed day: what nobody accepted in time is over, and what a part was not paid of broken.

    One that a payment is under way for waits. Returns how many ended. Safe to repeat.
    """
    count = 0
    with unit():
        locked = {plan.pk: plan for plan in lock_plans(plan_ids)}
        for made in Settlement.objects.filter(plan__in=locked, status__in=SETTLEMENT_LIVE).order_by("plan_id"):
            made.plan = plan = locked[made.plan_id]
            if made.status == SettlementStatus.OFFERED:
                gone = plan.status not in PLAN_OWED
                if gone or made.until <= day:
                    _end(made, "fall_away" if gone else "expire", at)
                    count += 1
            elif _fulfil(plan, made, at) or made.status != SettlementStatus.ACCEPTED:
                count += 1
            else:
                count += _break(plan, made, day, at)
    return count


def _break(plan: Plan, made: Settlement, day: date, at: datetime) -> bool:
    """Break a settlement of which a part was not paid by its day, or of whose plan more is owed than then; return whether it is.

    None breaks in a breathing space, which moves the days of its parts (`terms_now`).
    """
    rows, (paid, of_price) = installments_of(plan), paid_since(made)
    missed = paid < terms_now(made).due_minor(day)
    waits = plan.stopped_at is not None or any(row.charge_id for row in rows) or find_respite_of(plan.consumer_id) is not None
    if waits or not (missed or _has_grown(made, rows, of_price)):
        return False
    _end(made, "break_it", at, paid)
    plans.end_settlement_wait(plan=plan, at=at)
    append(SettlementBroken(**_told(plan, made), paid_minor=paid), at=at)
    return True


def _end(made: Settlement, transition: str, at: datetime, paid_minor: int = 0) -> None:
    getattr(made, transition)()
    made.paid_minor, made.decided_at = paid_minor, at
    made.save(update_fields=["status", "paid_minor", "decided_at"])


def reopen_settlement(*, plan_id: uuid.UUID, next_at: datetime | None, at: datetime, given_up: bool = False) -> None:
    """Let what fell away of a settled plan be owed again, before a payment of it is taken back; nothing for a plan that is not settled.

    With `given_up`, a plan that was given up before is given up again. Runs in the transaction that records the turn.
    """
    if not Settlement.objects.filter(plan=plan_id, status=SettlementStatus.SETTLED).exists():
        return
    with unit():
        plan = lock_plan(plan_id)
        made = Settlement.objects.filter(plan=plan, status=SettlementStatus.SETTLED).first()
        if made is not None and plans.owe_forgiven(plan=plan, next_at=next_at, at=at, given_up=given_up):
            made.reopen()
            made.decided_at = at
            made.save(update_fields=["status", "decided_at"])
