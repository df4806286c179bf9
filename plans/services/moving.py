"""Dates that a person changes: one moved by some days, or all to come on another day of the month or on the days on which they are paid."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from core.clock import day_begins, local_date
from core.db import unit
from core.errors import Conflict, Invalid
from core.outbox import append
from plans.events import ScheduleChanged
from plans.models import GoodsReturn, Hardship, Installment, Plan, PlanChange
from plans.moving import REFUSED, movable_of, payday_rules_in, rules_in
from plans.queries import by_date, installments_of, lock_plan, parts_of
from plans.rules.moving import Past, move_refused, on_day, postponed, year_before
from plans.rules.paydays import RHYTHMS, SOON_DAYS, on_paydays, paydays_refused
from plans.services.creation import record_change, snapshot
from plans.services.fees import charge_reschedule
from plans.states import PlanStatus

MOVED, DAY_CHANGED, PAYDAY, POSTPONED = "moved", "day_changed", "payday", "postponed"


def move_date(*, plan_id: uuid.UUID, number: int, to: date, actor: str, at: datetime, fee_minor: int = 0) -> int:
    """Move the due date of one open installment of a plan; no other date changes, and no amount but for the agreed fee of a move.

    Return that fee. `fee_minor` is what the person was shown of it (`reschedule_fees`): more is refused with `plans.move_costs_more`.

    Conflict, with a code such as `plans.move_too_far`, where the market's rules refuse it; then nothing changes, and it does not count.
    """
    with unit():
        plan, rows = _lock(plan_id)
        today = local_date(at, plan.time_zone)
        found = next((one for one in movable_of(rows) if one.row.number == number), None)
        if found is None:
            raise Conflict("This payment cannot be moved.", code="plans.move_not_open")
        refused = move_refused(found.to(to), past_of(plan, today), rules_in(plan.product.market_id, today), today)
        if refused:
            raise Conflict(REFUSED[refused], code=f"plans.move_{refused}")
        _change(plan, rows, [(found.row, to)], kind=MOVED, reference=str(number), actor=actor, at=at)
        return charge_reschedule(plan=plan, rows=rows, row=found.row, most_minor=fee_minor, actor=actor, at=at)


def past_of(plan: Plan, today: date) -> Past:
    """Return what counts against another move of a locked plan: three queries, for its moves, those of the person, and its hardship."""
    moves = PlanChange.objects.filter(plan__consumer=plan.consumer_id, kind=MOVED)
    after = day_begins(year_before(today), plan.time_zone)
    return Past(
        of_order=moves.filter(plan=plan).count(),
        of_year=moves.filter(at__gt=after).count(),
        since=local_date(plan.consumer.created_at, plan.time_zone),
        in_hardship=Hardship.objects.filter(plan=plan).exists(),
    )


def change_day(*, plan_id: uuid.UUID, day: int, actor: str, at: datetime) -> None:
    """Move each open installment to come of a monthly plan to the first such day of a month on or after its date; no amount changes.

    In shorter months the last day stands for it. Invalid for a day that is none of 1 to 31; Conflict for a plan that is not monthly, or
    where no date would change.
    """
    with unit():
        plan, rows = _lock(plan_id)
        _change(plan, rows, on_day_of_month(plan, rows, day, at), kind=DAY_CHANGED, reference=str(day), actor=actor, at=at)


def on_day_of_month(plan: Plan, rows: Sequence[Installment], day: int, at: datetime) -> list[tuple[Installment, date]]:
    """Return the installments that `change_day` would move, each with its new date; the same errors."""
    if not 1 <= day <= 31:
        raise Invalid("Choose a day from 1 to 31.", code="plans.day_of_month")
    if plan.product.interval != "monthly":
        raise Conflict("Only monthly payments have a day of the month.", code="plans.not_monthly")
    changes: list[tuple[Installment, date]] = []
    for to_come in _to_come(plan, rows, at):
        moved = zip(to_come, on_day([one.due_date for one in to_come], day, plan.terms), strict=True)
        changes += [(row, to) for row, to in moved if row.due_date != to]
    if not changes:
        raise Conflict("No payment to come has another day then.", code="plans.same_day")
    return changes


def put_on_paydays(*, plan_id: uuid.UUID, payday: date, rhythm: str, actor: str, at: datetime) -> None:
    """Move each open installment to come to the person's first pay-day on or after its date; no amount changes.

    `payday` is their next one, `rhythm` one of `RHYTHMS`. Invalid for another rhythm, or a pay-day that is not within `SOON_DAYS`.
    Conflict, with a code such as `plans.payday_far`, where the market's rules refuse it.
    """
    with unit():
        plan, rows = _lock(plan_id)
        changes = on_paydays_of(plan, rows, payday, rhythm, at)
        _change(plan, rows, changes, kind=PAYDAY, reference=f"{rhythm}:{payday.isoformat()}", actor=actor, at=at)


def on_paydays_of(plan: Plan, rows: Sequence[Installment], payday: date, rhythm: str, at: datetime) -> list[tuple[Installment, date]]:
    """Return the installments that `put_on_paydays` would move, each with its new date; the same errors."""
    today = local_date(at, plan.time_zone)
    if rhythm not in RHYTHMS:
        raise Invalid("Say how often you are paid.", code="plans.payday")
    if not today <= payday <= today + timedelta(days=SOON_DAYS):
        raise Invalid("Your next pay-day is today or within 31 days.", code="plans.payday")
    rules = payday_rules_in(plan.product.market_id, today)
    had = PlanChange.objects.filter(plan=plan, kind=PAYDAY, at__gt=day_begins(year_before(today), plan.time_zone)).count()
    changes: list[tuple[Installment, date]] = []
    refused = []
    for to_come in _to_come(plan, rows, at):
        dates = [one.due_date for one in to_come]
        moved = on_paydays(dates, payday, rhythm, plan.terms)
        refused.append(paydays_refused(dates, moved, rules, had=had))
        changes += [(row, to) for row, to in zip(to_come, moved, strict=True) if row.due_date != to]
    why = next((one for one in refused if one and (one != "payday_same" or not changes)), "" if changes else "payday_same")
    if why:
        raise Conflict(REFUSED[why], code=f"plans.{why}")
    return changes


def postpone(*, plan: Plan, reference: str, actor: str, at: datetime) -> None:
    """Let each payment to come of a locked plan come when the next one would have, since its shop pays for that; no amount changes.

    Conflict where they cannot (`postponed_of`).
    """
    with unit():
        rows = installments_of(plan)
        _change(plan, rows, postponed_of(plan, rows, at), kind=POSTPONED, reference=reference, actor=actor, at=at)


def postponed_of(plan: Plan, rows: Sequence[Installment], at: datetime) -> list[tuple[Installment, date]]:
    """Return the installments that `postpone` would move, each with its new date.

    Conflict, with a code, if the plan does not run as agreed: something is late, stopped, being paid, promised, being settled, in relief
    or its goods are on their way back to the shop.
    """
    today = local_date(at, plan.time_zone)
    opened = [row for row in rows if row.status in Installment.OPEN]
    fixed = plan.status != PlanStatus.ACTIVE or any(
        (plan.stopped_at, plan.repay_by, plan.sold_at, plan.settling_until, plan.promised_until)
    )
    waiting = GoodsReturn.objects.filter(plan=plan, ended_at=None)
    if fixed or Hardship.objects.filter(plan=plan).exists() or waiting.exists():
        raise Conflict("The dates of this plan cannot be changed.", code="plans.dates_fixed")
    if any(row.due_date < today for row in opened):
        raise Conflict("A payment is late.", code="plans.postpone_late")
    if any(row.charge_id for row in opened):
        raise Conflict("A payment is being made.", code="plans.postpone_under_way")
    changes: list[tuple[Installment, date]] = []
    for to_come in _to_come(plan, rows, at):
        dates = [row.due_date for row in to_come]
        changes += zip(to_come, postponed(dates, to_come[0].start_date, plan.terms), strict=True)
    if not changes:
        raise Conflict("Nothing is to come.", code="plans.postpone_nothing")
    return changes


def _to_come(plan: Plan, rows: Sequence[Installment], at: datetime) -> list[list[Installment]]:
    """Return the open installments due after today for which no charge is under way, by part and date."""
    today = local_date(at, plan.time_zone)
    found = [by_date(members) for members in parts_of(rows).values()]
    free = [[one for one in part if one.status in Installment.OPEN and one.charge_id is None and one.due_date > today] for part in found]
    return [part for part in free if part]


def _lock(plan_id: uuid.UUID) -> tuple[Plan, list[Installment]]:
    """Return a locked plan whose dates may change, with its installments; Conflict."""
    plan = lock_plan(plan_id)
    plan.refuse_given_up()
    if plan.status != PlanStatus.ACTIVE or plan.stopped_at is not None or plan.repay_by is not None:
        raise Conflict("The dates of this plan cannot be changed.", code="plans.dates_fixed")
    return plan, installments_of(plan)


def _change(
    plan: Plan,
    rows: Sequence[Installment],
    changes: Sequence[tuple[Installment, date]],
    *,
    kind: str,
    reference: str,
    actor: str,
    at: datetime,
) -> None:
    before = snapshot(rows)
    for row, to in changes:
        row.due_date, row.reminded_at = to, None
        if row.carried_at is None and row.next_attempt_at is not None:
            row.next_attempt_at = plan.first_attempt(to)
    Installment.objects.bulk_update([row for row, _ in changes], ["due_date", "reminded_at", "next_attempt_at"])
    record_change(plan=plan, kind=kind, reference=reference, before=before, after=snapshot(rows), actor=actor, at=at)
    append(ScheduleChanged(plan=plan.public_id, reference=plan.reference, kind=kind, cause=f"{reference}:{at.isoformat()}"), at=at)
