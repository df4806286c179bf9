"""Since when plans are late without a break, noted at the close of a day."""

import uuid
from collections.abc import Sequence
from datetime import date

from core.arrays import plain_array
from core.db import execute
from plans.late import OPEN_ROW

# What is late is looked up plan by plan: a condition could be made a scan of all installments, as the planner knows nothing of the chunk.
_NOTED = f"""
    WITH found AS MATERIALIZED (
        SELECT q.id, (SELECT true FROM plans_installment i WHERE i.plan_id = q.id AND {OPEN_ROW} AND i.due_date < %(day)s LIMIT 1) AS late
        FROM plans_plan q WHERE q.id = ANY(%(plans)s::uuid[])),
    changed AS MATERIALIZED (
        SELECT q.id, found.late FROM found JOIN plans_plan q USING (id)
        WHERE q.id = ANY(%(plans)s::uuid[]) AND (found.late IS NULL) = (q.late_since IS NOT NULL))
    UPDATE plans_plan p SET late_since = CASE WHEN changed.late THEN %(day)s::date END FROM changed WHERE p.id = changed.id"""  # noqa: S608


def note_late(*, plan_ids: Sequence[uuid.UUID], day: date) -> int:
    """Note for locked plans since which closed day something is late without a break, or that nothing is; return how many changed."""
    return execute(_NOTED, {"plans": plain_array(plan_ids), "day": day})
