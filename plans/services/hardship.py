"""Relief for a person in hardship: a pause of a plan, or smaller payments without further interest."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from core.clock import local_date
from core.db import unit
from core.errors import Conflict
from core.outbox import append
from ledger import postings
from plans.errors import REFUSED_RELIEF
from plans.events import ScheduleChanged
from plans.hardship import Answers, open_of, reliefs_of, rules_in, smaller_of, why_closed
from plans.models import Hardship, Installment, Plan, ReliefOffer
from plans.queries import installments_of, lock_plan
from plans.rules.hardship import PAUSE, SMALLER, count_of, paused
from plans.services.creation import record_change, snapshot
from plans.services.new_plans import keep_new_plan

CHANGED = [
    *("principal_minor", "interest_minor", "status", "paid_at", "due_date", "attempts", "last_failure", "reminded_at", "carried_at"),
    *("next_attempt_at", "paused_days"),
]


def choose_relief(*, plan_id: uuid.UUID, kind: str, answers: Answers, actor: str, at: datetime) -> Hardship:
    """Give a person the relief that they chose among those offered for their answers; an operator's offer that waits is closed.

    Conflict where nothing may be chosen now (`plans.hardship_closed`, `_under_way`, `_used`) or this was not offered (`_not_offered`).
    """
    with unit():
        plan = lock_plan(plan_id)
        rows = installments_of(plan)
        closed = why_closed(plan, rows, at)
        if closed:
            raise Conflict(REFUSED_RELIEF[closed], code=f"plans.hardship_{closed}")
        if kind not in {one.kind for one in reliefs_of(plan, rows, answers, at)}:
            raise Conflict(REFUSED_RELIEF["not_offered"], code="plans.hardship_not_offered")
        ReliefOffer.objects.filter(plan=plan, closed_at=None).update(closed_at=at)
        rules = rules_in(plan.product.market_id, local_date(at, plan.time_zone))
        if kind == PAUSE:
            return pause(plan=plan, rows=rows, days=rules.pause_days, answers=answers, actor=actor, at=at)
        return make_smaller(plan=plan, rows=rows, count=count_of(len(open_of(rows)), rules), answers=answers, actor=actor, at=at)


def pause(*, plan: Plan, rows: Sequence[Installment], days: int, answers: Answers, actor: str, at: datetime) -> Hardship:
    """Pause a locked plan: what is late falls due so many days from now, everything else so many days later than before. GivenUp."""
    with unit():
        plan.refuse_given_up()
        before, opened = snapshot(rows), open_of(rows)
        moved = paused({row.number: row.due_date for row in opened}, days, local_date(at, plan.time_zone))
        for row in opened:
            begin_afresh(plan, row, moved[row.number])
        Installment.objects.bulk_update(opened, CHANGED)
        made = Hardship.objects.create(plan=plan, kind=PAUSE, days=days, **asdict(answers), actor=actor, at=at)
        _record(plan, made, before, rows)
    return made


def begin_afresh(plan: Plan, row: Installment, due: date) -> None:
    """Give an open installment another date, with a fresh count of attempts; it is not late any more."""
    row.due_date, row.attempts, row.last_failure, row.reminded_at, row.carried_at = due, 0, "", None, None
    row.paused_days, row.next_attempt_at = 0, plan.first_attempt(due)
    row.postpone_partly() if row.paid_minor else row.postpone()


def make_smaller(*, plan: Plan, rows: Sequence[Installment], count: int, answers: Answers, actor: str, at: datetime) -> Hardship:
    """Replace the open payments of a locked plan by so many smaller ones; the interest due and accrued is kept, and interest ends.

    Old installments keep only what is paid of them, and their fees. GivenUp.
    """
    with unit():
        plan.refuse_given_up()
        before = snapshot(rows)
        found = smaller_of(plan, rows, count, local_date(at, plan.time_zone))
        # What is open of a part without open principal is interest alone, and stays as it is.
        opened = [row for row in open_of(rows) if row.part in found]
        starts = {row.part: row.start_date for row in rows}
        for row in opened:
            row.keep_paid(at)
        Installment.objects.bulk_update(opened, CHANGED)
        number, new = max(row.number for row in rows), list[Installment]()
        for part, made_of in found.items():
            for day, principal, interest in made_of.payments:
                number += 1
                told = {"part": part, "start_date": starts[part], "due_date": day, "next_attempt_at": plan.first_attempt(day)}
                new.append(Installment(plan=plan, number=number, principal_minor=principal, interest_minor=interest, **told))
        Installment.objects.bulk_create(new)
        plan.interest_ended_at = at
        plan.save(update_fields=["interest_ended_at"])
        made = Hardship.objects.create(plan=plan, kind=SMALLER, count=count, **asdict(answers), actor=actor, at=at)
        dropped = sum(one.rebate_minor for one in found.values())
        if dropped:
            postings.rebates([postings.RebatePosting(made.public_id, plan.public_id, plan.currency, dropped, at)])
        _record(plan, made, before, [*rows, *new], dropped)
    return made


def _record(plan: Plan, made: Hardship, before: list[dict[str, Any]], rows: Sequence[Installment], rebate_minor: int = 0) -> None:
    """Keep the version of the schedule and the payment plan that the person gets, and tell of it."""
    told: dict[str, Any] = {"kind": made.kind, "days": made.days, "rebate_minor": rebate_minor, "at": made.at}
    keep_new_plan(plan=plan, rows=rows, relief=made, **told)
    record_change(plan=plan, kind=made.kind, reference=made.public_id, before=before, after=snapshot(rows), actor=made.actor, at=made.at)
    append(ScheduleChanged(plan=plan.public_id, reference=plan.reference, kind=made.kind, cause=made.public_id), at=made.at)
