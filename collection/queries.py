"""Reads of what collecting needs to know: methods that can be charged, and how often each has failed."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from core.db import rows
from core.ids import parse_id, public_id
from payments.models import PaymentMethod

# Whether a reminder, a charge or late status is due. Each reads the index of open installments in its order and asks for the plan of
# what it finds there: joined, the planner would read all plans, since it cannot know that almost everything old is paid.
_TODAY = "(SELECT (%(at)s AT TIME ZONE p.time_zone)::date FROM plans_plan p WHERE p.id = i.plan_id AND p.status = 'active')"
_FIRST = """(
    SELECT true FROM plans_installment i WHERE i.status IN ('scheduled', 'partially_paid', 'overdue') AND i.charge_id IS NULL AND {}
    ORDER BY i.due_date, i.id LIMIT 1) IS NOT NULL"""
UPCOMING = _FIRST.format(
    f"""i.due_date BETWEEN (%(at)s - interval '1 day')::date AND (%(at)s + interval '4 days')::date
    AND i.status <> 'overdue' AND i.reminded_at IS NULL AND i.due_date - {_TODAY} BETWEEN 1 AND 3"""
)
DUE = _FIRST.format(
    f"""i.due_date <= (%(at)s + interval '1 day')::date AND (i.next_attempt_at IS NULL OR i.next_attempt_at <= %(at)s)
    AND i.due_date <= {_TODAY}"""
)
LATE = _FIRST.format(f"i.due_date <= (%(at)s + interval '1 day')::date AND i.status <> 'overdue' AND i.due_date < {_TODAY}")


def list_usable_methods(consumer_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[PaymentMethod]]:
    """Return the methods of consumers that can be charged, in each one's order; one query."""
    found: dict[uuid.UUID, list[PaymentMethod]] = defaultdict(list)
    usable = PaymentMethod.objects.filter(consumer_id__in=consumer_ids, removed_at=None, blocked_at=None)
    for method in usable.order_by("consumer_id", "position", "-id"):
        found[method.consumer_id].append(method)
    return dict(found)


@dataclass(frozen=True, slots=True)
class Tries:
    """When each method failed for each plan; charges of one claim count once."""

    failed_at: dict[uuid.UUID, list[tuple[uuid.UUID, datetime]]]

    def since(self, plan_id: uuid.UUID, day: date) -> dict[uuid.UUID, int]:
        """Return how often each method failed for a plan from a day on."""
        # Somewhere on earth a day begins 14 hours before it does in UTC.
        begins = datetime.combine(day, time.min, tzinfo=UTC) - timedelta(hours=14)
        return dict(Counter(method for method, at in self.failed_at.get(plan_id, []) if at >= begins))


_FAILED = """
    SELECT DISTINCT reference, payment_method_id, created_at FROM payments_charge
    WHERE reference = ANY(%s) AND status = 'failed' AND actor = ''"""


def list_tries(plan_ids: Collection[uuid.UUID]) -> Tries:
    """Return the failed attempts of workers to charge plans, by method; one query."""
    found: dict[uuid.UUID, list[tuple[uuid.UUID, datetime]]] = defaultdict(list)
    for reference, method, at in rows(_FAILED, [[public_id("pln", plan_id) for plan_id in plan_ids]]):
        found[parse_id("pln", reference)].append((method, at))
    return Tries(dict(found))
