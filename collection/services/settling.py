"""Settle late plans for less: offered by operators, accepted by people, and ended by what they pay, or do not."""

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from accounts.models import User
from checkout.models import Order
from checkout.queries import lock_order_of_plan
from checkout.states import ORDER_OPEN
from collection.events import SettlementAccepted, SettlementOffered
from collection.joint import plans_with
from collection.models import JointSettlement, Promise, Settlement
from collection.services.cases import MAY_WORK
from collection.services.settled import break_it, end, end_all, fulfil, lock_members, told
from collection.settling import REFUSED, Terms, check_terms, may_alone, open_minor_of, owed_minor_of, stage_of, why_closed
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
    plan = lock_to_settle([plan_id])[plan_id]
    return plan, installments_of(plan)


def lock_to_settle(plan_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Plan]:
    """Lock the orders of plans, then the plans and those that share an offer with them now; return the plans themselves, by key.

    Conflict while the shop may still ship some of an order, and if another offer was made meanwhile.
    """
    for _key, plan_id in sorted(Order.objects.filter(plan_id__in=plan_ids).values_list("id", "plan_id")):
        if lock_order_of_plan(plan_id).status in ORDER_OPEN:
            raise Conflict(REFUSED["to_ship"], code="plans.order_open")
    wanted = plans_with(plan_ids)
    found = {plan.pk: plan for plan in lock_plans(wanted)}
    if plans_with(plan_ids) - wanted:
        raise Conflict("Another offer was just made. Look at it again.", code="collection.settlement_gone")
    if set(plan_ids) - set(found):
        raise NotFound("There is no such plan.")
    return {key: found[key] for key in plan_ids}


def replace_offers(plan_ids: Collection[uuid.UUID], at: datetime) -> None:
    """Let the offers of locked plans fall away, whole offers over several plans: another one takes their place."""
    for made in Settlement.objects.filter(plan__in=plans_with(plan_ids), status__in=SETTLEMENT_LIVE).order_by("plan_id"):
        end(made, "fall_away", at)


def _offer(plan: Plan, rows: list[Installment], terms: Terms, proposal: Proposal | None, actor: str, at: datetime) -> Settlement:
    replace_offers([plan.pk], at)
    until = last_day([(plan, rows)], terms, local_date(at, plan.time_zone))
    made = make_settlement(plan, rows, terms, until=until, actor=actor, at=at, proposal=proposal)
    append(SettlementOffered(**told([made]), until=made.until.isoformat(), forgiven_minor=made.forgiven_minor), at=at)
    return made


def last_day(offered: Sequence[tuple[Plan, list[Installment]]], terms: Terms, today: date) -> date:
    """Return the last day on which an offer over plans can be accepted: as their markets say, and no later than its first part is paid."""
    known = [find_settlement(plan.product.market_id, stage_of(plan, rows, today), today) for plan, rows in offered]
    return min(today + timedelta(days=min(one.get("days", DAYS) for one in known)), terms.parts[0][0])


def make_settlement(
    plan: Plan,
    rows: list[Installment],
    terms: Terms,
    *,
    until: date,
    actor: str,
    at: datetime,
    proposal: Proposal | None = None,
    joint: JointSettlement | None = None,
) -> Settlement:
    """Offer to take terms as full payment of a locked plan, by itself or as its part of an offer over several."""
    return Settlement.objects.create(
        consumer_id=plan.consumer_id,
        plan=plan,
        joint=joint,
        stage=stage_of(plan, rows, local_date(at, plan.time_zone)),
        open_minor=open_minor_of(rows),
        owed_minor=owed_minor_of(rows),
        amount_minor=terms.amount_minor,
        parts=terms.written(),
        until=until,
        proposal=proposal,
        made_by=actor,
        made_at=at,
    )


def withdraw_settlement(*, settlement_id: uuid.UUID, user: User, at: datetime) -> Settlement:
    """Take back an offer that nobody accepted yet, all of one over several plans; Conflict if it is not offered any more."""
    require(user, MAY_WORK)
    with unit():
        members = lock_members(settlement_id)
        live = _offered(members)
        end_all(live, "fall_away", at)
    return next(one for one in members if one.pk == settlement_id)


def _offered(members: Sequence[Settlement]) -> list[Settlement]:
    """Return the members of an offer that are offered; Conflict without one."""
    found = [one for one in members if one.status == SettlementStatus.OFFERED]
    if not found:
        raise Conflict(GONE, code="collection.settlement_gone")
    return found


def accept_settlement(*, settlement_id: uuid.UUID, actor: str, at: datetime) -> Settlement:
    """Accept an offer for its person, who did so themselves or told an operator (`actor`): workers charge nothing until its last day.

    One over several plans is accepted for all of them; the part of one that is not owed any more falls away. What was paid since the offer
    counts; if that is all of it, it is settled at once. Promises for the plans fall away. Conflict if the offer is gone or over, while a
    payment is under way, and where nothing can be settled now.
    """
    with unit():
        members = lock_members(settlement_id)
        live = _offered(members)
        if live[0].until < local_date(at, live[0].plan.time_zone):
            raise Conflict(GONE, code="collection.settlement_gone")
        taken = [one for one in live if one.plan.status in PLAN_OWED]
        for made in taken:
            if (why := why_closed(made.plan, installments_of(made.plan), at)) and why != "not_late":
                raise Conflict(REFUSED[why], code=f"collection.settlement_{why}")
        if not taken:
            raise Conflict(GONE, code="collection.settlement_gone")
        end_all([one for one in live if one not in taken], "fall_away", at)
        for made in taken:
            _accept(made, actor, at)
        append(SettlementAccepted(**told(taken), until=taken[0].parts[0][0]), at=at)
        fulfil(taken, at)
    return next(one for one in members if one.pk == settlement_id)


def _accept(made: Settlement, actor: str, at: datetime) -> None:
    """Accept the part of a locked plan: its promise falls away, and workers leave it alone."""
    for promise in Promise.objects.filter(plan=made.plan, status=PromiseStatus.WAITING):
        promise.fall_away()
        promise.decided_at = at
        promise.save(update_fields=["status", "decided_at"])
    made.accept()
    made.accepted_by, made.accepted_at = actor, at
    made.save(update_fields=["status", "accepted_by", "accepted_at"])
    plans.wait_for_settlement(plan=made.plan, until=Terms.read(made.parts).parts[-1][0], at=at)


def note_acceptance(*, settlement_id: uuid.UUID, user: User, at: datetime) -> Settlement:
    """Note that the person accepted an offer on the phone; they get its confirmation by letter."""
    require(user, MAY_WORK)
    return accept_settlement(settlement_id=settlement_id, actor=str(user.pk), at=at)


def settle_paid(*, plan_id: uuid.UUID, at: datetime, again: bool = False) -> bool:
    """Let the rest of a plan fall away if all of its accepted settlement is paid; return whether it did. Safe to repeat.

    Of an offer over several plans all rests fall away together, once all parts are paid. With `again`, also a plan's settlement that was
    reopened, since the bank paid after all.
    """
    statuses = [SettlementStatus.ACCEPTED, *([SettlementStatus.REOPENED] if again else [])]
    known = Settlement.objects.filter(plan=plan_id, status__in=statuses).order_by("-id").first()
    if known is None:
        return False
    with unit():
        members = lock_members(known.pk)
        mine = next(one for one in members if one.pk == known.pk)
        if mine.status == SettlementStatus.REOPENED:
            return again and fulfil([mine], at)
        accepted = [one for one in members if one.status == SettlementStatus.ACCEPTED]
        return bool(accepted) and fulfil(accepted, at)


def close_settlements(*, plan_ids: Sequence[uuid.UUID], day: date, at: datetime) -> int:
    """End the settlements of locked plans as of a closed day: what nobody accepted in time is over, and what a part was not paid of broken.

    One that a payment is under way for waits, and those over several plans end by their own timer. Returns how many ended. Safe to repeat.
    """
    count = 0
    with unit():
        locked = {plan.pk: plan for plan in lock_plans(plan_ids)}
        for made in Settlement.objects.filter(plan__in=locked, joint=None, status__in=SETTLEMENT_LIVE).order_by("plan_id"):
            made.plan = locked[made.plan_id]
            count += close_members([made], day, at)
    return count


def close_members(live: Sequence[Settlement], day: date, at: datetime) -> bool:
    """End live settlements of locked plans, one plan's or all parts of one offer, as of a closed day; return whether they ended."""
    offered = [one for one in live if one.status == SettlementStatus.OFFERED]
    if offered:
        gone = [one for one in offered if one.plan.status not in PLAN_OWED]
        end_all(gone, "fall_away", at)
        if offered[0].until <= day:
            end_all([one for one in offered if one not in gone], "expire", at)
        return not any(one.status in SETTLEMENT_LIVE for one in live)
    if fulfil(live, at):
        return True
    accepted = [one for one in live if one.status == SettlementStatus.ACCEPTED]
    return not accepted or break_it(accepted, day, at)


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
