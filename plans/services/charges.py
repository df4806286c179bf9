"""Effects of charges on plans: installments are claimed for a charge, paid by it, or released."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from core.arrays import plain_array
from core.clock import local_date
from core.db import execute, unit
from core.ids import parse_id
from core.money import Money
from core.outbox import Event, append_all
from core.sentences import Sentence
from credit import services as credit
from ledger import postings
from payments import services as payments
from payments.models import Charge
from payments.services import RefundRequest
from payments.states import MovementStatus
from plans.errors import AmountTooSmall, NothingToPay
from plans.events import InstallmentsPaid, PaymentArrived, PlanCompleted
from plans.freely import buckets_of, quote_freely
from plans.models import Allocation, Deposit, Fee, FreePayment, Installment, Plan
from plans.queries import EarlyQuote, Scope, by_date, installments_of, list_installments, lock_plan, lock_plans, quote_early
from plans.rules.allocation import Paid, allocate_payment
from plans.rules.fees import AT_CLOSE
from plans.services.creation import record_change, snapshot
from plans.services.deposits import deposits_of, take_deposit_payment
from plans.services.exact import settle_exact
from plans.services.fee_payments import FeeBook
from plans.services.fees import end_fees
from plans.services.giving_up import Owed, came_by, correct_loss
from plans.services.going_back import refund_request
from plans.services.replaying import Replay
from plans.services.reversals import amounts_of, restate
from plans.services.saving import save_installments
from plans.states import PLAN_OWED, FeeStatus, InstallmentStatus, PlanStatus

PAID_IN_TIME = "a payment counts from an earlier day"


def claim_early(*, plan: Plan, scope: Scope, charge_id: uuid.UUID, at: datetime, smallest: int = 1) -> EarlyQuote:
    """Claim open installments of a locked plan for a charge, and return the quote with its amount.

    `scope` is `next`, `all`, or installment numbers. NothingToPay if none of these is open or a payment is under way; AmountTooSmall
    below the `smallest` amount that can be charged, in minor units.
    """
    with unit():
        if plan.stopped_at is not None:
            raise NothingToPay("Nothing is taken for this purchase while your bank looks into a payment.", code="plans.stopped")
        plan.refuse_sold()
        rows = installments_of(plan)
        if any(row.charge_id for row in rows):
            raise NothingToPay("A payment for this plan is already under way.", code="plans.payment_under_way")
        quote = quote_early(plan, rows, scope=scope, day=local_date(at, plan.time_zone), smallest=smallest)
        if not quote.numbers:
            raise NothingToPay("Nothing of this plan is open.")
        if quote.amount_minor < smallest:
            least = Money(smallest, plan.currency).text()
            raise AmountTooSmall(
                Sentence(
                    "A card cannot be charged less than %(least)s. Pay it together with another payment; if it is the last, it is waived.",
                    least=least,
                )
            )
        Installment.objects.filter(plan=plan, number__in=quote.numbers).update(charge_id=charge_id)
    return quote


_CLAIM = "UPDATE plans_installment i SET charge_id = u.charge FROM unnest(%s::uuid[], %s::uuid[]) AS u(id, charge) WHERE i.id = u.id"


def claim(*, charges: Sequence[tuple[str, uuid.UUID]]) -> None:
    """Claim due installments of locked plans, each for a charge, in one statement: (installment, charge)."""
    if charges:
        with unit():
            execute(_CLAIM, [plain_array(column) for column in zip(*charges, strict=True)])


@dataclass(frozen=True, slots=True)
class Failure:
    """A charge that failed: its code, and when workers try its installments next (None: never).

    `as_planned` is for an attempt that the person made: the count of attempts and the last failure do not change. A planned next attempt
    stays, but is moved to `next_at` if it would come earlier.
    """

    charge_id: uuid.UUID
    failure: str
    next_at: datetime | None
    as_planned: bool = False


def release_claims(*, failures: Iterable[Failure], at: datetime) -> None:
    """Release installments whose charges failed, in one statement."""
    rows = list(failures)
    if not rows:
        return
    charges, codes, nexts, planned = zip(*((row.charge_id, row.failure, row.next_at, row.as_planned) for row in rows), strict=True)
    sql = """
        UPDATE plans_installment i SET charge_id = NULL, attempts = i.attempts + (NOT f.planned)::int,
            last_failure = CASE WHEN f.planned THEN i.last_failure ELSE f.code END,
            next_attempt_at = CASE WHEN i.carried_at IS NOT NULL OR p.stopped_at IS NOT NULL THEN NULL WHEN NOT f.planned THEN f.next_at
                WHEN i.next_attempt_at IS NOT NULL THEN greatest(i.next_attempt_at, f.next_at) END
        FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[], %s::bool[]) AS f(charge_id, code, next_at, planned), plans_plan p
        WHERE i.charge_id = f.charge_id AND p.id = i.plan_id"""
    with unit(), connection.cursor() as cursor:
        cursor.execute(sql, [list(map(str, charges)), list(codes), list(nexts), list(planned)])


@dataclass(slots=True)
class _Settled:
    """The effects of a batch of charges, gathered so that each kind of row is written once."""

    book: FeeBook
    changed: dict[uuid.UUID, Installment] = field(default_factory=dict)
    allocations: list[Allocation] = field(default_factory=list)
    charges: list[postings.ChargePosting] = field(default_factory=list)
    rebates: list[postings.RebatePosting] = field(default_factory=list)
    freed: dict[tuple[uuid.UUID, str], int] = field(default_factory=dict)
    excess: list[RefundRequest] = field(default_factory=list)
    completed: list[Plan] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    withdrawn: list[tuple[Plan, list[Installment], list[Fee]]] = field(default_factory=list)

    def post(
        self, plan: Plan, charge: Charge, *, paid_minor: int, interest_minor: int, excess_minor: int, fees_minor: int, at: datetime
    ) -> None:
        """Note what a charge is posted as: its amounts in minor units, of which interest and fees are parts of what is paid."""
        self.charges.append(
            postings.ChargePosting(
                charge=charge.public_id,
                plan=plan.public_id,
                gateway=charge.gateway,
                currency=charge.currency,
                paid_minor=paid_minor,
                interest_minor=interest_minor,
                excess_minor=excess_minor,
                fees_minor=fees_minor,
                at=at,
            )
        )


def settle_charges(*, charge_ids: Sequence[uuid.UUID], at: datetime) -> None:
    """Let succeeded charges pay their plans' installments; post them, free the credit limit, and complete paid plans.

    A charge pays the installments claimed for it first, then the plan's other open ones by date; a free payment pays by its order. The rest
    is refunded to the card. Runs in the transaction that records the charges, with a constant number of statements.
    """
    with unit():
        exact = settle_exact(charge_ids=charge_ids, at=at)
        rest = [charge_id for charge_id in charge_ids if charge_id not in exact]
        if rest:
            settle_one_by_one(charge_ids=rest, at=at)


def settle_one_by_one(*, charge_ids: Sequence[uuid.UUID], at: datetime) -> None:
    """Settle charges in Python, one after another; `settle_charges` settles the common ones as sets."""
    with unit():
        charges = list(Charge.objects.filter(id__in=charge_ids, status=MovementStatus.SUCCEEDED).order_by("id"))
        plans = {plan.id: plan for plan in lock_plans({parse_id("pln", charge.reference) for charge in charges})}
        rows = list_installments(plans)
        free = {one.charge_id: one for one in FreePayment.objects.filter(charge__in=charges).select_related("order")}
        deposits = deposits_of([charge.id for charge in charges])
        settled = _Settled(FeeBook.of(row for mine in rows.values() for row in mine))
        for charge in charges:
            plan = plans[parse_id("pln", charge.reference)]
            if charge.id in deposits:
                _settle_deposit(plan, deposits[charge.id], charge, settled, at)
            elif charge.id in free:
                _settle_free(plan, rows[plan.id], charge, free[charge.id], settled, at)
            else:
                _settle_one(plan, rows[plan.id], charge, settled, at)
        _write(settled, at)


def take_arrival(*, charge_id: uuid.UUID, at: datetime) -> None:
    """Let a charge that was made after all pay what is due of its plan today, and publish it; the rest is refunded to its method.

    Nothing is paid before its date, and nothing that another charge is under way for; a deposit that it was made for is paid. Runs in the
    transaction that records the charge.
    """
    with unit():
        charge = Charge.objects.get(id=charge_id)
        plan = lock_plan(parse_id(Plan.PREFIX, charge.reference))
        rows, today = installments_of(plan), local_date(at, plan.time_zone)
        settled = _Settled(FeeBook.of(rows))
        if deposit := deposits_of([charge.id]).get(charge.id):
            _settle_deposit(plan, deposit, charge, settled, at)
            _write(settled, at)
            return
        owed = Owed.on(rows)
        due = by_date(row for row in rows if row.charge_id is None and row.due_date <= today)
        numbers, excess = _pay(plan, rows, due, charge, settled, at)
        correct_loss(plan=plan, before=owed, after=Owed.on(rows), source=charge.public_id, at=at)
        settled.events.append(
            PaymentArrived(
                plan=plan.public_id,
                reference=plan.reference,
                installments=numbers,
                amount_minor=charge.amount_minor,
                excess_minor=excess,
                currency=plan.currency,
                charge=charge.public_id,
            )
        )
        _complete(plan, rows, settled)
        _write(settled, at)


def _settle_one(plan: Plan, rows: list[Installment], charge: Charge, settled: _Settled, at: datetime) -> None:
    mine, owed = [row for row in rows if row.charge_id == charge.id], Owed.on(rows)
    _reprice_early(plan, rows, mine, charge, settled, at)
    others = by_date(row for row in rows if row not in mine)
    numbers, _excess = _pay(plan, rows, [*mine, *others], charge, settled, at)
    for row in mine:
        row.charge_id, row.next_attempt_at, row.last_failure = None, None, ""
        if row.status in Installment.OPEN:
            row.carried_at = None
            row.next_attempt_at = plan.first_attempt(row.due_date)
        settled.changed[row.id] = row
    correct_loss(plan=plan, before=owed, after=Owed.on(rows), source=charge.public_id, at=at)
    settled.events.append(_told(plan, numbers, charge))
    _complete(plan, rows, settled)


def _settle_free(plan: Plan, rows: list[Installment], charge: Charge, free: FreePayment, settled: _Settled, at: datetime) -> None:
    """Let a free payment pay its plan as of its day, by the order that was in force; a plan's later changes are respected."""
    owed, mine = Owed.on(rows), [row for row in rows if row.charge_id == charge.id]
    for row in mine:
        row.charge_id = None
        settled.changed[row.id] = row
    if free.value_on < local_date(at, plan.time_zone) and _settle_late(plan, rows, charge, free, settled, at):
        return
    others = {row.number for row in rows if row.charge_id is not None}
    quote = quote_freely(
        [(plan, rows)],
        amount_minor=charge.amount_minor,
        day=free.value_on,
        buckets=buckets_of(free.order),
        besides=others,
        fees=settled.book.fees,
    )
    lines = quote.parts[0].lines if quote.parts else ()
    if quote.parts and quote.parts[0].interest:
        _take_interest(plan, rows, quote.parts[0].interest, charge, settled, at)
    excess = charge.amount_minor - sum(line.amount_minor for line in lines)
    numbers = _book(plan, rows, lines, excess, charge, settled, at)
    for row in mine:
        if row.status not in Installment.OPEN:
            row.next_attempt_at, row.last_failure = None, ""
    correct_loss(plan=plan, before=owed, after=Owed.on(rows), source=charge.public_id, at=at, came=came_by(plan, free))
    settled.events.append(_told(plan, numbers, charge, excess))
    _complete(plan, rows, settled)


def _settle_late(plan: Plan, rows: list[Installment], charge: Charge, free: FreePayment, settled: _Settled, at: datetime) -> bool:
    """Let money that counts from an earlier day pay as if it had come on that day; return False if the plan cannot be replayed.

    Later free payments are allocated anew, and fees that would not have come are withdrawn.
    """
    owed, before, opened = Owed.on(rows), snapshot(rows), amounts_of(rows)
    replay = Replay.lift(plan, {row.number: row for row in rows}, settled.book)
    place = next((place for place, one in enumerate(replay.payments) if one.charge_id == charge.id), None)
    if place is None or (plan.product.rate_bps and replay.reaches_ahead(place, charge.amount_minor)):
        replay.leave()
        return False
    replay.amounts[place] = charge.amount_minor
    since = replay.payments[place].value_on
    doubted = [fee for fees in settled.book.fees.values() for fee in fees if fee.on >= since and fee.kind in AT_CLOSE]
    # Those that a credit paid in full are in no book of what is owed.
    paid_by_credit = Fee.objects.filter(installment__plan=plan, on__gte=since, kind__in=AT_CLOSE, amount_minor=0, credit_minor__gt=0)
    left, gone = replay.put_back([*doubted, *paid_by_credit.filter(status=FeeStatus.CHARGED)])
    replay.save()
    changed = restate(plan, rows, opened, at=at)
    settled.changed |= {row.id: row for row in changed}
    over, interest, fees = sum(left.values()), replay.interest_moved, replay.fees_moved
    key = (plan.consumer_id, plan.currency)
    settled.freed[key] = settled.freed.get(key, 0) + charge.amount_minor - over - interest - fees
    settled.post(plan, charge, paid_minor=charge.amount_minor - over, interest_minor=interest, excess_minor=over, fees_minor=fees, at=at)
    settled.excess += [refund_request(plan, replay.payments[one].charge, minor) for one, minor in left.items()]
    settled.withdrawn += [(plan, rows, gone)] if gone else []
    record_change(plan=plan, kind="value_date", reference=charge.public_id, before=before, after=snapshot(rows), actor=charge.actor, at=at)
    correct_loss(plan=plan, before=owed, after=Owed.on(rows), source=charge.public_id, at=at, came=came_by(plan, free))
    numbers = sorted(row.number for row in changed if row.open_minor < opened[row.number][0])
    settled.events.append(_told(plan, numbers, charge, left.get(place, 0)))
    _complete(plan, rows, settled)
    return True


def _settle_deposit(plan: Plan, deposit: Deposit, charge: Charge, settled: _Settled, at: datetime) -> None:
    excess = take_deposit_payment(plan=plan, deposit=deposit, charge=charge, at=at)
    if excess:
        settled.excess.append(refund_request(plan, charge, excess))


def _told(plan: Plan, numbers: list[int], charge: Charge, excess: int = 0) -> InstallmentsPaid:
    return InstallmentsPaid(
        plan=plan.public_id,
        reference=plan.reference,
        installments=numbers,
        amount_minor=charge.amount_minor,
        currency=plan.currency,
        charge=charge.public_id,
        excess_minor=excess,
    )


def _pay(
    plan: Plan, rows: Sequence[Installment], payable: Sequence[Installment], charge: Charge, settled: _Settled, at: datetime
) -> tuple[list[int], int]:
    """Let a charge pay those of its plan's installments that it may pay, in their order, and post it.

    Return the numbers of those that it paid, and the excess in minor units, which is refunded.
    """
    waiting = [row for row in payable if row.status in Installment.OPEN]
    paid, excess = allocate_payment(charge.amount_minor, [settled.book.item(row) for row in waiting])
    return _book(plan, rows, paid, excess, charge, settled, at), excess


def _book(
    plan: Plan, rows: Sequence[Installment], paid: Sequence[Paid], excess: int, charge: Charge, settled: _Settled, at: datetime
) -> list[int]:
    """Record what a charge pays of its plan's installments, and post it with its excess; return the numbers of those that it paid."""
    by_number = {row.number: row for row in rows}
    for part in paid:
        row = by_number[part.number]
        row.paid_principal_minor += part.principal_minor
        row.paid_interest_minor += part.interest_minor
        settled.book.pay(row, penalty_minor=part.penalty_minor, fee_minor=part.fee_minor, charge_id=charge.id, at=at)
        _mark_paid(row, at)
        settled.changed[row.id] = row
        if part.principal_minor or part.interest_minor:
            amounts = {"principal_minor": part.principal_minor, "interest_minor": part.interest_minor}
            settled.allocations.append(Allocation(installment=row, charge_id=charge.id, **amounts, at=at))
    interest = sum(part.interest_minor for part in paid)
    key = (plan.consumer_id, plan.currency)
    settled.freed[key] = settled.freed.get(key, 0) + sum(part.principal_minor for part in paid)
    fees = sum(part.penalty_minor + part.fee_minor for part in paid)
    paid_minor = charge.amount_minor - excess
    settled.post(plan, charge, paid_minor=paid_minor, interest_minor=interest, excess_minor=excess, fees_minor=fees, at=at)
    if excess:
        settled.excess.append(refund_request(plan, charge, excess))
    return [part.number for part in paid]


def _mark_paid(row: Installment, at: datetime) -> None:
    if row.open_minor == 0:
        row.settle()
        row.paid_at = at
    elif row.status != InstallmentStatus.OVERDUE:
        row.settle_partly()


def _reprice_early(plan: Plan, rows: list[Installment], mine: list[Installment], charge: Charge, settled: _Settled, at: datetime) -> None:
    """Drop the interest that an early payment saves, as of the day of the charge's request."""
    day = local_date(charge.created_at, plan.time_zone)
    if not plan.product.rate_bps or plan.repay_by is not None or not any(row.due_date > day for row in mine):
        return
    quote = quote_early(plan, rows, scope={row.number for row in mine}, day=day)
    _take_interest(plan, rows, quote.interest, charge, settled, at)


def _take_interest(
    plan: Plan, rows: list[Installment], interests: Mapping[int, int], charge: Charge, settled: _Settled, at: datetime
) -> None:
    """Give installments the interest that a payment before its date leaves, and post what is dropped."""
    before, dropped = snapshot(rows), 0
    for row in rows:
        interest = interests.get(row.number, row.interest_minor)
        if interest != row.interest_minor:
            dropped += row.interest_minor - interest
            row.interest_minor = interest
            settled.changed[row.id] = row
    if dropped:
        record_change(
            plan=plan, kind="early", reference=charge.public_id, before=before, after=snapshot(rows), actor=plan.consumer.public_id, at=at
        )
        settled.rebates.append(postings.RebatePosting(charge.public_id, plan.public_id, plan.currency, dropped, at))


def _complete(plan: Plan, rows: Iterable[Installment], settled: _Settled) -> None:
    if plan.status in PLAN_OWED and not any(row.status in Installment.OPEN for row in rows):
        plan.complete()
        settled.completed.append(plan)
        settled.events.append(PlanCompleted(plan=plan.public_id, reference=plan.reference))


def _write(settled: _Settled, at: datetime) -> None:
    save_installments(settled.changed.values())
    Allocation.objects.bulk_create(settled.allocations)
    settled.book.save()
    if settled.completed:
        Plan.objects.filter(id__in=[plan.id for plan in settled.completed], status__in=PLAN_OWED).update(status=PlanStatus.COMPLETED)
    credit.release_many(amounts=settled.freed)
    if settled.excess:
        payments.open_refunds(requests=settled.excess, at=at)
    append_all(settled.events, at=at)
    postings.rebates(settled.rebates)
    postings.charges(settled.charges)
    for plan, rows, fees in settled.withdrawn:
        end_fees(plan=plan, rows=rows, fees=fees, status=FeeStatus.WITHDRAWN, reason=PAID_IN_TIME, actor="", at=at)
