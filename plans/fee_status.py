"""A person's fee status (the class `fee_status`): how they paid, and what the rules in force would make of the fees they agreed to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.models import Consumer
from core.clock import local_date
from plans.fee_rules import Case, rule_on
from plans.fees import bears_fees, histories_of, terms_of
from plans.models import Fee, Hardship, Installment, Plan
from plans.queries import installments_of
from plans.records import Conduct, conducts_of
from plans.rules.fees import FeeKind, FeeTerms, History
from plans.standstill import find_standstill
from plans.states import PLAN_OPEN

FEE_STATUS = "fee_status"
"""The axis of classes that a fee status is on."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A fee of an agreement, and what the rules in force would leave of it before caps; minor units."""

    kind: FeeKind
    agreed_minor: int
    left_minor: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a person stands with fees: how they paid, and the first fee of each kind of their newest agreement that can bear one now."""

    conduct: Conduct
    currency: str = ""
    expected: tuple[Expected, ...] = ()


def standing_of(consumer: Consumer, at: datetime) -> Standing:
    """Return how a person stands with fees at a moment; the plans are those of the account. A constant number of queries."""
    today, holder = local_date(at, consumer.time_zone), consumer.holder_id
    conduct = conducts_of([holder], today).get(holder, Conduct(today))
    plan = _bearing(consumer, today)
    row = next((row for row in installments_of(plan) if row.open_minor > 0), None) if plan else None
    if plan is None or row is None:
        return Standing(conduct)
    history = histories_of([holder]).get((holder, plan.currency), History())
    expected = []
    for fee in _first_fees(terms_of(plan), row, at):
        ruled, _case = rule_on(Case(fee, plan, consumer, history, conduct, fee.wanted_minor))
        expected.append(Expected(FeeKind(fee.kind), fee.wanted_minor, ruled.amount_minor))
    return Standing(conduct, plan.currency, tuple(expected))


def _bearing(consumer: Consumer, today: date) -> Plan | None:
    """Return the newest plan of an account of which a fee could come now: promises, relief and standstills hold fees off."""
    plans = Plan.objects.filter(consumer=consumer.pk, status__in=PLAN_OPEN).select_related("product").order_by("-id")
    found = [one for one in plans if terms_of(one).any and bears_fees(one, today)]
    eased = set(Hardship.objects.filter(plan__in=found).values_list("plan_id", flat=True)) if found else set()
    free = not found or find_standstill(consumer.pk) is not None
    return None if free else next((one for one in found if one.pk not in eased), None)


def _first_fees(terms: FeeTerms, row: Installment, at: datetime) -> Iterator[Fee]:
    """Yield the first fee of each kind as it would be if a payment came too late or were moved; none of them is saved."""
    told = {"installment": row, "stage": 0, "at": at}
    if terms.late:
        stage = terms.late[0]
        wanted = stage.wanted(row.open_minor - row.open_fees_minor)
        yield Fee(kind=FeeKind.LATE, on=row.due_date + timedelta(days=stage.grace_days), wanted_minor=wanted, **told)
    if terms.reminder:
        wanted = terms.reminder.fixed_minor
        yield Fee(kind=FeeKind.REMINDER, on=row.due_date + timedelta(days=terms.reminder.grace_days), wanted_minor=wanted, **told)
    if terms.returned_minor:
        yield Fee(kind=FeeKind.RETURNED, on=row.due_date, wanted_minor=terms.returned_minor, **told)
    if terms.reschedule_minor:
        yield Fee(kind=FeeKind.RESCHEDULE, on=local_date(at, row.plan.time_zone), wanted_minor=terms.reschedule_minor, **told)
