"""Payments that get other dates while something lasts: in a disaster area, for a return, or in a breathing space."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from core.outbox import append
from plans.events import ScheduleChanged
from plans.models import Installment, Plan
from plans.services.creation import record_change, snapshot
from plans.services.hardship import CHANGED, begin_afresh


def shift_payments(
    *,
    plan: Plan,
    rows: Sequence[Installment],
    new: Mapping[int, date],
    kind: str,
    reference: str,
    actor: str,
    at: datetime,
    before: list[dict[str, Any]] | None = None,
    tells: bool = True,
) -> int:
    """Give payments of a locked plan their new dates, by number, with the version of the schedule since `before`; return how many moved.

    `kind` is that of the version, `reference` what it was for. `tells`: the person is told the new dates by letter.
    """
    before, moved = before or snapshot(rows), [row for row in rows if row.number in new and row.due_date != new[row.number]]
    for row in moved:
        begin_afresh(plan, row, new[row.number])
    after = snapshot(rows)
    Installment.objects.bulk_update(moved, CHANGED)
    if moved and plan.repay_by is not None:
        plan.repay_by = max([plan.repay_by, *(row.due_date for row in moved)])
        plan.save(update_fields=["repay_by"])
    if after != before:
        record_change(plan=plan, kind=kind, reference=reference, before=before, after=after, actor=actor, at=at)
    if tells:
        append(ScheduleChanged(plan=plan.public_id, reference=plan.reference, kind=kind, cause=f"{reference}:{kind}"), at=at)
    return len(moved)
