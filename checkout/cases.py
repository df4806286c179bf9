"""The platform's own cases of credit as a table for `credit_model train`: the facts of each decision, and whether its plan went bad."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BooleanField, DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from accounts.objections import requests_sparing
from checkout.models import Order
from credit.cases import FACTS, facts_of
from plans.models import Installment
from plans.states import InstallmentStatus, PlanStatus

BAD, DECIDED_ON = "bad", "decided_on"
LATE = timedelta(days=30)
"""A plan is bad if an installment was, or is, later than this, or if it was charged off."""
COLUMNS = [*FACTS, DECIDED_ON, BAD]


def list_cases(*, at: datetime, since: datetime | None = None) -> Iterator[list[Any]]:
    """Yield a row of column names, then a row for each decision whose plan has ended, the oldest first.

    A plan has ended if each of its installments was due more than LATE ago: then good and bad ones are known alike, and none is counted
    only because it went bad early. Who objects to the use of their data is left out. `since` leaves out older decisions. `decided_on` is
    for reports by month; no day is learned from.
    """
    yield list(COLUMNS)
    for inputs, decided_at, bad in _ended(at, since).iterator(chunk_size=2_000):
        facts = facts_of(inputs)
        yield [*("" if facts[name] is None else facts[name] for name in FACTS), decided_at.date().isoformat(), int(bad)]


def _ended(at: datetime, since: datetime | None) -> QuerySet[Order, Any]:
    parts = Installment.objects.filter(plan=OuterRef("plan_id")).exclude(status=InstallmentStatus.CANCELED)
    over = ExpressionWrapper(F("due_date") + LATE + timedelta(days=1), output_field=DateTimeField())
    late = parts.annotate(over=over).filter(Q(paid_at__gt=F("over")) | Q(paid_at=None, over__lte=at))
    open_ones = parts.annotate(over=over).filter(over__gt=at)
    spared = requests_sparing().filter(consumer=OuterRef("consumer"))
    known = Order.objects.filter(Exists(parts), ~Exists(open_ones), ~Exists(spared))
    if since is not None:
        known = known.filter(decision__at__gte=since)
    bad = Q(plan__status=PlanStatus.CHARGED_OFF) | Exists(late)
    rows = known.annotate(bad=ExpressionWrapper(bad, output_field=BooleanField())).order_by("decision_id")
    return rows.values_list("decision__inputs", "decision__at", "bad")
