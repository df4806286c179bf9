"""Reads for collection: methods that can be charged, how often each has failed, and which one to try next."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import QuerySet

from checkout.models import Order
from checkout.queries import find_order_of_plan
from collection import rules
from collection.models import Agency, Case
from collection.settable import REMIND_DAYS
from collection.states import CaseStatus
from core.adjusting import value_of
from core.clock import local_date
from core.db import rows, wait_lock
from core.errors import NotFound
from core.ids import parse_id, public_id
from core.states import words
from markets.queries import find_setting, list_markets
from payments.models import Charge, PaymentMethod
from payments.states import MovementStatus
from plans.late import MOST_DAYS_BEFORE, LongLate, days_before, list_long_late
from plans.models import Installment, Plan
from plans.queries import by_date, get_plan
from plans.standstill import MOVES
from plans.states import INSTALLMENT_IN_TIME, INSTALLMENT_OPEN, PlanStatus

# SQL conditions: whether a reminder, a charge or a late mark is due. Each reads its index in order and looks up the plan of each row. With
# a join, the planner would read all plans, since it cannot know that almost all old installments are paid.
_TODAY = f"""(
    SELECT (%(at)s AT TIME ZONE p.time_zone)::date FROM plans_plan p
    WHERE p.id = i.plan_id AND p.status = '{PlanStatus.ACTIVE}' AND p.stopped_at IS NULL AND {MOVES})"""  # noqa: S608
_IN_TIME = f"""(
    SELECT true FROM plans_installment i
    WHERE i.status IN ({words(INSTALLMENT_IN_TIME)}) AND i.charge_id IS NULL AND i.carried_at IS NULL AND {{}}
    ORDER BY i.due_date, i.id LIMIT 1) IS NOT NULL"""  # noqa: S608


def upcoming() -> str:
    """Return the SQL condition that a reminder of an installment is due."""
    days = days_before(str(value_of(REMIND_DAYS)))
    mine = f"(SELECT {days} FROM plans_plan p JOIN plans_product r ON r.id = p.product_id WHERE p.id = i.plan_id)"  # noqa: S608
    return _IN_TIME.format(
        f"""i.due_date BETWEEN (%(at)s - interval '1 day')::date AND (%(at)s + interval '{MOST_DAYS_BEFORE + 1} days')::date
        AND i.reminded_at IS NULL AND i.due_date - {_TODAY} BETWEEN 1 AND {mine}"""
    )


DUE = f"""(
    SELECT true FROM plans_installment i
    WHERE i.status IN ({words(INSTALLMENT_OPEN)}) AND i.charge_id IS NULL AND i.next_attempt_at <= %(at)s
        AND i.due_date <= {_TODAY}
    ORDER BY i.next_attempt_at, i.id LIMIT 1) IS NOT NULL"""  # noqa: S608  (words of our own)
DEPOSITS_DUE = f"""EXISTS (
    SELECT 1 FROM plans_deposit d JOIN plans_plan p ON p.id = d.plan_id
    WHERE d.next_attempt_at <= %(at)s AND d.charge_id IS NULL AND d.ended_at IS NULL AND p.stopped_at IS NULL
        AND {MOVES})"""  # noqa: S608  (words of our own)
# The easternmost time zone is 14 hours ahead of UTC; the plan's own zone decides.
LATE = _IN_TIME.format(f"i.due_date < (%(at)s + interval '14 hours')::date AND i.due_date < {_TODAY}")


def list_usable_methods(consumer_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[PaymentMethod]]:
    """Return consumers' methods that can be charged, in each consumer's own order; one query."""
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
        # In the easternmost time zone, a day begins 14 hours before UTC.
        begins = datetime.combine(day, time.min, tzinfo=UTC) - timedelta(hours=14)
        return dict(Counter(method for method, at in self.failed_at.get(plan_id, []) if at >= begins))


_FAILED = f"""
    SELECT DISTINCT reference, payment_method_id, created_at FROM payments_charge
    WHERE reference = ANY(%s) AND status = '{MovementStatus.FAILED}' AND actor = ''"""  # noqa: S608


def list_tries(plan_ids: Collection[uuid.UUID]) -> Tries:
    """Return the failed attempts of workers to charge plans, by method; one query."""
    found: dict[uuid.UUID, list[tuple[uuid.UUID, datetime]]] = defaultdict(list)
    for reference, method, at in rows(_FAILED, [[public_id("pln", plan_id) for plan_id in plan_ids]]):
        found[parse_id("pln", reference)].append((method, at))
    return Tries(dict(found))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A payment that needs a card: its plan, its consumer, the plan's own card, and its due date."""

    plan_id: uuid.UUID
    consumer_id: uuid.UUID
    method_id: uuid.UUID
    due_date: date


def choose_methods(wanted: Sequence[Wanted]) -> list[PaymentMethod | None]:
    """Return the card to retry for each payment: the one that failed least for the payment, the plan's own first among equals.

    None for a consumer without a chargeable card. Two queries; none for an empty list.
    """
    if not wanted:
        return []
    methods = list_usable_methods({one.consumer_id for one in wanted})
    tries = list_tries({one.plan_id for one in wanted})
    return [_choose(one, methods.get(one.consumer_id, []), tries) for one in wanted]


def _choose(one: Wanted, usable: Sequence[PaymentMethod], tries: Tries) -> PaymentMethod | None:
    own = sorted(usable, key=lambda method: method.id != one.method_id)
    chosen = rules.choose_method(usable=[method.id for method in own], tries=tries.since(one.plan_id, one.due_date))
    return next((method for method in own if method.id == chosen), None)


def cards_to_charge(payments: Sequence[tuple[Plan, Installment]]) -> list[PaymentMethod | None]:
    """Return the card that each payment is or will be charged to, chosen like in the due run; None without a card.

    The plans' own cards must be loaded. At most three queries; none if every payment is charged to its plan's own card.
    """
    under_way = {row.charge_id for _, row in payments if row.charge_id}
    charges = Charge.objects.select_related("payment_method").in_bulk(list(under_way)) if under_way else {}
    found: dict[int, PaymentMethod | None] = {}
    for place, (plan, row) in enumerate(payments):
        if row.charge_id in charges:
            found[place] = charges[row.charge_id].payment_method
        elif not row.attempts and plan.payment_method.is_usable:
            found[place] = plan.payment_method
    open_places = [place for place in range(len(payments)) if place not in found]
    wanted = [Wanted(plan.id, plan.consumer_id, plan.payment_method_id, row.due_date) for plan, row in (payments[n] for n in open_places)]
    found |= dict(zip(open_places, choose_methods(wanted), strict=True))
    return [found[place] for place in range(len(payments))]


def card_of_plan(plan: Plan, rows_: Sequence[Installment], today: date) -> PaymentMethod | None:
    """Return the card for a plan's next payment, even before the first capture; None without a card."""
    opened = by_date(row for row in rows_ if row.status in Installment.OPEN)
    following = opened[0] if opened else Installment(plan=plan, due_date=today)
    return cards_to_charge([(plan, following)])[0]


def charge_off_days(market: str, on: date) -> int:
    """Return after how many days late a plan of a market can be given up, by the market's setting or else the platform's."""
    setting = find_setting(market, "charge_off.days", on)
    return int(setting.value) if setting is not None else rules.CHARGE_OFF_DAYS


def list_to_give_up(*, at: datetime, limit: int) -> list[LongLate]:
    """Return the plans that are late for long enough to be given up, the oldest first."""
    last = {market.code: local_date(at, market.time_zone) for market in list_markets()}
    return list_long_late({code: day - timedelta(days=charge_off_days(code, day)) for code, day in last.items()}, limit=limit)


def plan_of(subject: str) -> Plan:
    """Return the plan that the subject of a proposal names by its key; NotFound."""
    try:
        return get_plan(uuid.UUID(subject))
    except ValueError:
        raise NotFound("There is no such plan.") from None


def name_of_plan(subject: str) -> str:
    """Return the order's number at the shop, and the shop, of the plan that is the subject of a proposal."""
    plan = plan_of(subject)
    order = find_order_of_plan(plan.pk)
    return f"{order.merchant_reference or order.public_id}, {order.merchant.name}" if order else plan.public_id


def names_of_plans(plan_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the orders' numbers at their shops, and the shops, of plans, by key; one query."""
    orders = Order.objects.filter(plan_id__in=plan_ids).select_related("merchant")
    return {order.plan_id: f"{order.merchant_reference or order.public_id}, {order.merchant.name}" for order in orders}


def get_case(case_id: uuid.UUID) -> Case:
    """Return a case, with its person; NotFound."""
    return _case(Case.objects.all(), case_id)


def find_open_case(consumer_id: uuid.UUID) -> Case | None:
    """Return the open case of a person, or None."""
    return Case.objects.filter(consumer=consumer_id, status=CaseStatus.OPEN).first()


def lock_case(case_id: uuid.UUID) -> Case:
    """Lock a case and return it, with its person; NotFound."""
    return _case(Case.objects.select_for_update(of=("self",)), case_id)


def _case(cases: QuerySet[Case], case_id: uuid.UUID) -> Case:
    case = cases.select_related("consumer__market").filter(pk=case_id).first()
    if case is None:
        raise NotFound("There is no such case.")
    return case


def lock_open_cases(consumer_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Case]:
    """Lock the open cases of consumers, in the order of their keys, and return them by consumer."""
    found = Case.objects.select_for_update().filter(consumer__in=consumer_ids, status=CaseStatus.OPEN).order_by("id")
    return {case.consumer_id: case for case in found}


def lock_contacts(consumer_ids: Collection[uuid.UUID]) -> None:
    """Take the locks under which contacts with consumers are counted, in the order of their keys, until the transaction ends."""
    for key in sorted(consumer_ids):
        wait_lock(f"contact:{key}")


def lock_agency(agency_id: uuid.UUID) -> Agency:
    """Lock a contract with an agency and return it, with its market; NotFound."""
    found = Agency.objects.select_for_update(of=("self",)).select_related("market").filter(pk=agency_id).first()
    if found is None:
        raise NotFound("There is no such agency.")
    return found


def lock_agencies(market: str) -> list[Agency]:
    """Lock the contracts with agencies of a market, in the order of their keys, and return them, with the market."""
    found = Agency.objects.select_for_update(of=("self",)).select_related("market").filter(market=market)
    return list(found.order_by("id"))
