"""Payments that operators lay out anew for a person who is behind: late ones at the end, or all open ones spread evenly."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from core.clock import local_date
from core.db import unit
from core.errors import Conflict
from core.outbox import append
from ledger import postings
from plans.errors import RearrangedByTwo
from plans.events import ScheduleChanged
from plans.models import Installment, Plan
from plans.queries import installments_of, lock_plan
from plans.rearranging import REFUSED, Wanted, changes_nothing, layouts_of, may_rearrange_alone, open_principal, why_not
from plans.rules.rearranging import Layout, by_number
from plans.services.creation import record_change, snapshot
from plans.services.hardship import CHANGED, begin_afresh
from plans.services.new_plans import keep_new_plan


def rearrange(*, plan_id: uuid.UUID, kind: str, reason: str, actor: str, at: datetime) -> None:
    """Re-age a plan (its late payments go to the end) or re-amortize it (all open payments become equal ones on the dates to come).

    It never costs more interest, nor is anything late afterwards. Conflict, with a code such as `plans.rearrange_used`, where it may not be
    done; RearrangedByTwo if it is more than the actor may do alone.
    """
    with unit():
        plan = lock_plan(plan_id)
        rows = installments_of(plan)
        if not may_rearrange_alone(plan, open_principal(rows), actor):
            raise RearrangedByTwo("You may not lay out so much anew alone. Propose it, and another person decides.")
        layouts = checked_layouts(plan, rows, Wanted(kind), at)
        lay_out(plan=plan, rows=rows, layouts=layouts, kind=kind, reference="", reason=reason, actor=actor, at=at)
        keep_new_plan(plan=plan, rows=installments_of(plan), kind=kind, at=at)


def checked_layouts(plan: Plan, rows: Sequence[Installment], wanted: Wanted, at: datetime) -> dict[int, Layout]:
    """Return how a locked plan is laid out anew; Conflict where it may not be, or where nothing would change."""
    refused = why_not(plan, rows, wanted.kind, at)
    layouts = {} if refused else layouts_of(plan, rows, wanted, local_date(at, plan.time_zone))
    if not refused and changes_nothing(rows, layouts):
        refused = "same"
    if refused:
        raise Conflict(REFUSED[refused], code=f"plans.rearrange_{refused}")
    return layouts


def lay_out(
    *,
    plan: Plan,
    rows: Sequence[Installment],
    layouts: Mapping[int, Layout],
    kind: str,
    reference: str,
    reason: str,
    actor: str,
    at: datetime,
    agreement: str = "",
) -> None:
    """Give a locked plan the payments of `layouts`, by part; what interest changes is posted, and the person is told."""
    before = snapshot(rows)
    changed: list[Installment] = []
    for row in rows:
        if row.part in layouts and row.status in Installment.OPEN:
            _become(plan, row, layouts[row.part], at)
            changed.append(row)
    Installment.objects.bulk_update(changed, CHANGED)
    new = _new_rows(plan, rows, layouts)
    Installment.objects.bulk_create(new)
    cause = f"{plan.public_id}:{kind}:{at.isoformat()}"
    _post(plan, sum(one.interest_change_minor for one in layouts.values()), cause, at)
    after = snapshot([*rows, *new])
    told = {"reference": reference, "reason": reason, "agreement": agreement, "actor": actor}
    record_change(plan=plan, kind=kind, before=before, after=after, at=at, **told)
    append(ScheduleChanged(plan=plan.public_id, reference=plan.reference, kind=kind, cause=cause), at=at)


def _become(plan: Plan, row: Installment, layout: Layout, at: datetime) -> None:
    """Let an open installment become its payment of the layout; one without keeps what is paid of it, and its fees, due with the first."""
    mine = by_number(layout).get(row.number)
    if mine is not None:
        row.principal_minor = row.paid_principal_minor + mine.principal_minor
        row.interest_minor = row.paid_interest_minor + mine.interest_minor
        begin_afresh(plan, row, mine.due_date)
        return
    row.keep_paid(at)
    if row.open_minor:
        begin_afresh(plan, row, layout.payments[0].due_date)


def _new_rows(plan: Plan, rows: Sequence[Installment], layouts: Mapping[int, Layout]) -> list[Installment]:
    """Return the installments that a layout adds, numbered on from the others."""
    starts: dict[int, date] = {row.part: row.start_date for row in rows}
    wanted = [(part, one) for part, layout in layouts.items() for one in layout.payments if not one.number]
    first = max(row.number for row in rows) + 1
    return [
        Installment(
            plan=plan,
            number=number,
            part=part,
            start_date=starts[part],
            due_date=one.due_date,
            next_attempt_at=plan.first_attempt(one.due_date),
            principal_minor=one.principal_minor,
            interest_minor=one.interest_minor,
        )
        for number, (part, one) in enumerate(wanted, first)
    ]


def _post(plan: Plan, change_minor: int, cause: str, at: datetime) -> None:
    if change_minor < 0:
        postings.rebates([postings.RebatePosting(cause, plan.public_id, plan.currency, -change_minor, at)])
    elif change_minor > 0:
        postings.interest_added([postings.RebatePosting(cause, plan.public_id, plan.currency, change_minor, at)])
