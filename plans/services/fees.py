"""Fees: charged at the close of a day or for a service, waived by operators, and withdrawn where a payment counts from an earlier day.

Every fee is decided under its person's lock (`plans.services.deciding`) and keeps what rules and every cap leave of it; the
database counts again (`plans.fee_guards`).
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db.models import Q

from core.clock import local_date
from core.db import unit
from core.errors import Conflict
from core.outbox import append
from ledger import postings
from payments import services as payments
from payments.models import Charge
from plans.errors import NothingToPay, WaivedByTwo
from plans.events import FeesEnded
from plans.fees import ASKED, bears_fees, fees_on, grace_of, may_waive_alone, terms_of
from plans.late import list_fees_due, lock_to_close
from plans.models import Fee, FeePayment, Hardship, Installment, Plan, Standstill
from plans.queries import installments_of, list_installments, lock_plan, lock_plans
from plans.rules.fees import PENALTIES, FeeKind, Late, Wanted, late_fees, reminder_fee
from plans.services.completing import complete_if_paid
from plans.services.creation import record_change, snapshot
from plans.services.crediting import give_credits_back
from plans.services.deciding import Deciding, Persons
from plans.services.going_back import refund_request
from plans.services.noting import note_late
from plans.services.saving import save_installments
from plans.services.selling import pass_on
from plans.states import FeeStatus, InstallmentStatus, PlanStatus


def close_fees(*, plan_ids: Sequence[uuid.UUID], day: date, at: datetime) -> int:
    """Decide the late fees and reminders of plans at the close of a day where their people live; return how many were charged.

    A plan agreed without such fees has none; nor one that is stopped, given up, withdrawn from, in hardship, or promised, nor one of a
    person who died or is insolvent. Says too since when each plan is late without a break. Safe to repeat: each stage of an installment is
    decided once, and each reminder on its own day.
    """
    with unit():
        lock_to_close(plan_ids)
        note_late(plan_ids=plan_ids, day=day)
        due = list_fees_due(plan_ids, day=day)
        if not due:
            return 0
        plans = lock_plans(due)
        rows = list_installments([plan.id for plan in plans])
        known = fees_on([row for plan in plans for row in rows[plan.id]])
        decided = Deciding(Persons.of(plans, day))
        before = {plan.id: snapshot(rows[plan.id]) for plan in plans}
        for plan in plans:
            _close_plan(plan, rows[plan.id], known, decided, day, at)
        decided.record(plans, rows, before, at)
        decided.save(at)
    return sum(fee.amount_minor > 0 for fee in decided.fees)


def _close_plan(
    plan: Plan, rows: Sequence[Installment], known: Mapping[uuid.UUID, Sequence[Fee]], decided: Deciding, day: date, at: datetime
) -> None:
    """Decide the late fees of a plan, then its reminder."""
    terms, keys = terms_of(plan), {str(row.id): row for row in rows}
    mine = [fee for row in rows for fee in known.get(row.id, ())]
    penalties = sum(fee.paid_minor for fee in mine if fee.kind in PENALTIES)
    opened = [_late(row, known.get(row.id, ())) for row in rows if _is_open(row)]
    for wanted in late_fees(opened, terms, penalties_paid_minor=penalties, day=day):
        decided.decide(plan, rows, keys[wanted.installment], wanted, day=day, actor="", at=at)
    since = plan.late_since or day
    reminded = [fee.on for fee in mine if fee.kind == FeeKind.REMINDER and fee.on >= since]
    found = reminder_fee([row for row in opened if row.due_date < day], terms, reminded=sorted(reminded), day=day)
    if found:
        decided.decide(plan, rows, keys[found.installment], found, day=day, actor="", at=at)


def _is_open(row: Installment) -> bool:
    """Whether something is owed on an installment that does not wait as too small, and for which no payment is under way."""
    return row.status in Installment.OPEN and row.open_minor > 0 and row.carried_at is None and row.charge_id is None


def _late(row: Installment, fees: Sequence[Fee]) -> Late:
    return Late(
        key=str(row.id),
        due_date=row.due_date,
        grace_from=grace_of(row),
        open_minor=row.open_minor - row.open_fees_minor,
        decided=frozenset(fee.stage for fee in fees if fee.kind == FeeKind.LATE),
    )


def charge_fee(*, plan_id: uuid.UUID, number: int, amount_minor: int, actor: str, at: datetime) -> Fee:
    """Charge a fee for a service on an open installment, cut to what every cap leaves; NothingToPay if it is not open; GivenUp."""
    with unit():
        plan = lock_plan(plan_id)
        plan.refuse_given_up()
        rows = installments_of(plan)
        row = next((row for row in rows if row.number == number), None)
        if row is None or row.status not in Installment.OPEN or plan.status != PlanStatus.ACTIVE:
            raise NothingToPay("Nothing of this payment is open.")
        return decide_one(plan, rows, row, FeeKind.SERVICE, amount_minor, actor=actor, at=at)


def decide_one(
    plan: Plan,
    rows: Sequence[Installment],
    row: Installment,
    kind: FeeKind,
    minor: int,
    *,
    actor: str,
    at: datetime,
    charge_id: uuid.UUID | None = None,
) -> Fee:
    """Decide and write one fee of a locked plan, the next of its kind on an installment; `charge_id` is the charge that it is for."""
    before, day = snapshot(rows), local_date(at, plan.time_zone)
    decided = Deciding(Persons.of([plan], day))
    wanted = Wanted(str(row.id), kind, Fee.objects.filter(installment=row, kind=kind).count(), minor)
    fee = decided.decide(plan, rows, row, wanted, day=day, actor=actor, at=at)
    fee.charge_id = charge_id
    decided.record([plan], {plan.id: rows}, {plan.id: before}, at)
    decided.save(at)
    return fee


def charge_reschedule(*, plan: Plan, rows: Sequence[Installment], row: Installment, most_minor: int, actor: str, at: datetime) -> int:
    """Charge on an installment of a locked plan what its agreement asks for moving a date, if it asks for anything; return the fee.

    Conflict if that is more than `most_minor`, which the person saw before they confirmed; then nothing may be written.
    """
    wanted = terms_of(plan).reschedule_minor
    if not wanted or not bears_fees(plan, local_date(at, plan.time_zone)):
        return 0
    fee = decide_one(plan, rows, row, FeeKind.RESCHEDULE, wanted, actor=actor, at=at)
    if fee.amount_minor > most_minor:
        raise Conflict("This costs more now than you saw. Look at it again.", code="plans.move_costs_more")
    return fee.amount_minor


def reschedule_fees(*, plan: Plan, rows: Sequence[Installment], at: datetime) -> dict[int, int]:
    """Return what moving the date of each open installment would cost at a moment, by number, in minor units; empty where moves are free.

    That is after rules and caps; nothing is written. A constant number of queries.
    """
    day = local_date(at, plan.time_zone)
    wanted = terms_of(plan).reschedule_minor
    if not wanted or not bears_fees(plan, day):
        return {}
    opened = [row for row in rows if row.status in Installment.OPEN]
    known, decided = fees_on(opened), Deciding(Persons.of([plan], day, lock=False))
    found = {}
    for row in opened:
        moves = sum(fee.kind == FeeKind.RESCHEDULE for fee in known.get(row.id, ()))
        told = Wanted(str(row.id), FeeKind.RESCHEDULE, moves, wanted)
        fee, _case = decided.weigh(plan, rows, row, told, day=day, actor="", at=at)
        found[row.number] = fee.amount_minor
    return found


def charge_returned(*, plan_id: uuid.UUID, charge_id: uuid.UUID, numbers: Collection[int], at: datetime) -> Fee | None:
    """Charge what a plan's agreement asks for a debit (`charge_id`) that was given back for lack of cover, on the oldest of its payments.

    Once for each payment, however often its debit is given back; None if there is nothing to charge, as where fees are held off.
    """
    with unit():
        plan = lock_plan(plan_id)
        rows, wanted, day = installments_of(plan), terms_of(plan).returned_minor, local_date(at, plan.time_zone)
        row = min((row for row in rows if row.number in numbers and row.status in Installment.OPEN), key=_by_date, default=None)
        eased = Hardship.objects.filter(plan=plan).exists() or Standstill.objects.filter(consumer=plan.consumer_id, ended_at=None).exists()
        if row is None or not wanted or eased or not bears_fees(plan, day):
            return None
        if Fee.objects.filter(installment=row, kind=FeeKind.RETURNED).exists():
            return None
        return decide_one(plan, rows, row, FeeKind.RETURNED, wanted, actor="", at=at, charge_id=charge_id)


def withdraw_returned(*, plan_id: uuid.UUID, charge_id: uuid.UUID, numbers: Collection[int], at: datetime) -> int:
    """Withdraw the fees for a returned debit (`charge_id`) that the bank paid after all; return how many. Safe to repeat.

    A later debit of the same payments takes back no fee of an earlier one, except a fee of before fees named their charge.
    """
    with unit():
        plan = lock_plan(plan_id)
        rows = installments_of(plan)
        told = {"installment__plan": plan, "installment__number__in": list(numbers), "kind": FeeKind.RETURNED}
        mine = Q(charge_id=charge_id) | Q(charge_id=None)
        fees = list(Fee.objects.filter(mine & ASKED, status=FeeStatus.CHARGED, **told))
        if fees:
            end_fees(plan=plan, rows=rows, fees=fees, status=FeeStatus.WITHDRAWN, reason="The bank paid after all.", actor="", at=at)
    return len(fees)


def _by_date(row: Installment) -> tuple[date, int]:
    return row.due_date, row.number


def waive_fees(*, plan_id: uuid.UUID, number: int, reason: str, actor: str, at: datetime) -> int:
    """Waive all charged fees of an installment and return their sum, in minor units: what is paid of them goes back to what paid it.

    NothingToPay if it has none; WaivedByTwo if it is more than the actor may waive alone.
    """
    with unit():
        plan = lock_plan(plan_id)
        if plan.sold_at is not None:
            raise Conflict("This debt was sold. Its new owner decides about it.", code="plans.sold")
        rows = installments_of(plan)
        fees = list(Fee.objects.filter(ASKED, installment__plan=plan, installment__number=number, status=FeeStatus.CHARGED))
        if not fees:
            raise NothingToPay("This payment has no fee that could be waived.")
        if not may_waive_alone(plan, sum(fee.amount_minor for fee in fees), actor):
            raise WaivedByTwo("You may not waive so much alone. Propose it, and another person decides.")
        end_fees(plan=plan, rows=rows, fees=fees, status=FeeStatus.FORGIVEN, reason=reason, actor=actor, at=at)
    return sum(fee.amount_minor for fee in fees)


def end_fees(
    *, plan: Plan, rows: Sequence[Installment], fees: Collection[Fee], status: FeeStatus, reason: str, actor: str, at: datetime
) -> None:
    """Waive or withdraw charged fees of a locked plan: they are owed no more, and what is paid of them goes back to what paid it.

    What a credit paid goes back to the credit. `rows` are all installments of the plan; those that nothing is open of any more
    end, and so does the plan then.
    """
    before, by_key = snapshot(rows), {row.id: row for row in rows}
    _give_back(plan, fees, at)
    give_credits_back(fees=fees, at=at)
    for fee in fees:
        row = by_key[fee.installment_id]
        row.fees_minor -= fee.amount_minor
        row.paid_fees_minor -= fee.paid_minor
        fee.paid_minor, fee.end_reason, fee.ended_by, fee.ended_at = 0, reason, actor, at
        if status == FeeStatus.FORGIVEN:
            fee.waive()
        else:
            fee.withdraw()
    Fee.objects.bulk_update(fees, ["paid_minor", "status", "end_reason", "ended_by", "ended_at"])
    touched = [by_key[key] for key in {fee.installment_id for fee in fees}]
    for row in touched:
        _restate(row, at)
    save_installments(touched)
    first = next(iter(fees))
    withdrawn = "service_ended" if first.kind == FeeKind.SERVICE else "fee_withdrawn"
    kind, cause = ("fee_waived" if status == FeeStatus.FORGIVEN else withdrawn), first.public_id
    record_change(plan=plan, kind=kind, reference=cause, before=before, after=snapshot(rows), actor=actor, at=at)
    ended = sum(fee.amount_minor for fee in fees)
    if ended:
        append(
            FeesEnded(
                plan=plan.public_id,
                reference=plan.reference,
                cause=cause,
                status=status.value,
                numbers=sorted(row.number for row in touched),
                amount_minor=ended,
                currency=plan.currency,
            ),
            at=at,
        )
    complete_if_paid(plan=plan, rows=rows, at=at, by="waiver")


def _restate(row: Installment, at: datetime) -> None:
    """Give an installment its state after a fee of it ended."""
    if row.status in Installment.OPEN and row.open_minor == 0 and row.charge_id is None:
        row.keep_paid(at)
    elif row.status == InstallmentStatus.PARTIALLY_PAID and not row.paid_minor:
        row.reopen()


def _give_back(plan: Plan, fees: Iterable[Fee], at: datetime) -> None:
    """Open refunds of what charges paid of fees, and take it out of the income; what came since a sale is the buyer's no more."""
    paid = [one for one in FeePayment.objects.filter(fee__in=list(fees)).order_by("id") if one.standing_minor]
    if not paid:
        return
    sums: dict[uuid.UUID, int] = {}
    for one in paid:
        sums[one.charge_id] = sums.get(one.charge_id, 0) + one.standing_minor
    source = f"{paid[0].fee.public_id}:returned"
    postings.late_fees_returned([postings.FeeReturnPosting(source, plan.public_id, plan.currency, sum(sums.values()), at)])
    charges = Charge.objects.in_bulk(list(sums))
    payments.open_refunds(requests=[refund_request(plan, charges[key], minor) for key, minor in sums.items()], at=at)
    pass_on(plan=plan, amount_minor=-sum(sums.values()), source=source, at=at, came=min(one.at for one in paid))
    for one in paid:
        one.returned_minor += one.standing_minor
    FeePayment.objects.bulk_update(paid, ["returned_minor"])
