"""Reversed charges: their installments are owed again, and are paid again if the charge is reinstated."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from core.clock import local_date
from core.db import unit
from core.ids import parse_id
from core.outbox import append
from credit import services as credit
from ledger import turns
from ledger.queries import balance
from payments import services as payments
from payments.models import Charge
from payments.outside import AGENCY_GAVE_BACK
from plans.events import PaymentReinstated, PaymentReversed
from plans.models import Allocation, Fee, FeePayment, FreePayment, Installment, Plan
from plans.queries import installments_of, lock_plan
from plans.rules.allocation import OpenItem, Paid, allocate_payment, undo_payment
from plans.rules.fees import PENALTIES
from plans.services.completing import complete_if_paid
from plans.services.creation import record_change, snapshot
from plans.services.crediting import restore_credits, reverse_credits
from plans.services.deposits import redo_deposit, undo_deposit
from plans.services.fee_payments import FeeBook, share_out
from plans.services.giving_up import Owed, came_by, correct_loss, was_given_up
from plans.services.going_back import refund_request, way_back
from plans.services.replaying import Replay
from plans.services.rewarding import give_rewards_again, owe_rewards
from plans.services.saving import save_installments
from plans.states import InstallmentStatus, PlanStatus


@dataclass(slots=True)
class _Found:
    """A locked plan with its installments and charged fees, and what a charge pays of them."""

    charge: Charge
    plan: Plan
    rows: dict[int, Installment]
    allocations: dict[int, Allocation]
    book: FeeBook
    fee_payments: list[FeePayment]

    def fees_of(self, number: int) -> list[tuple[FeePayment, Fee]]:
        """Return what the charge pays of the charged fees of an installment, penalties first."""
        by_fee = {one.fee_id: one for one in self.fee_payments}
        return [(by_fee[fee.id], fee) for fee in self.book.fees.get(self.rows[number].id, ()) if fee.id in by_fee]

    @property
    def came(self) -> datetime | None:
        """When the money of the charge came for the plan; None if nothing of it paid installments or fees."""
        by = came_by(self.plan, FreePayment.objects.filter(charge_id=self.charge.id).first() if self.plan.sold_at else None)
        # What was entered before a sale, on its day, was not the buyer's, though that day ended after it.
        entered = [*(one.at for one in self.allocations.values()), *(one.at for one in self.fee_payments)]
        return min([*entered, *([by] if by else [])], default=None)


def _load(charge_id: uuid.UUID) -> _Found:
    charge = Charge.objects.get(id=charge_id)
    plan = lock_plan(parse_id(Plan.PREFIX, charge.reference))
    rows = {row.number: row for row in installments_of(plan)}
    found = (
        Allocation.objects.filter(charge_id=charge.id, installment__plan=plan).select_related("installment").order_by("installment__number")
    )
    book = FeeBook.of(rows.values())
    paid = list(FeePayment.objects.filter(charge_id=charge.id)) if book.fees else []
    return _Found(charge, plan, rows, {one.installment.number: one for one in found}, book, paid)


def owe_again(
    *,
    charge_id: uuid.UUID,
    amount_minor: int,
    failure: str,
    source: str,
    next_at: datetime | None,
    at: datetime,
    given_up: bool = False,
) -> list[int]:
    """Make the installments of a charge owed again, up to the amount taken back for good, and publish it; return their numbers.

    Refunds of the charge that were still open count as paid: the bank has returned that money to the person. Amounts refunded before are
    lost. What no capture used of a deposit is no longer paid (`undo_deposit`); where that would be too little to be paid, it is owed with
    what captures used, and otherwise lost. Workers try again at `next_at` unless the plan is stopped. With `given_up`, a plan that this
    charge had completed is given up again if it was before; so is a sold one. Runs in the transaction that records the turn; `source`
    names the turn.
    """
    with unit():
        found = _load(charge_id)
        plan, before, owed = found.plan, snapshot(list(found.rows.values())), Owed.on(found.rows.values())
        refunds = payments.cover_refunds(charge=found.charge, amount_minor=amount_minor, at=at)
        standing = [_standing(found, number) for number, row in found.rows.items() if row.status != InstallmentStatus.CANCELED]
        kept = undo_deposit(charge=found.charge, amount_minor=amount_minor - refunds, failure=failure)
        undone, lost = undo_payment(amount_minor - refunds - kept, standing)
        if undone and (given_up or plan.sold_at) and plan.status == PlanStatus.COMPLETED and was_given_up(plan):
            _give_up_again(plan)
        next_at = None if plan.is_charged_off else next_at
        opened = amounts_of(found.rows.values())
        for part in undone:
            _undo(found, part)
        _save_allocations(found, undone)
        owe_rewards(plan=plan, charge=found.charge, rows=found.rows, numbers=[part.number for part in undone], source=source, at=at)
        reverse_credits(charge_id=charge_id, installments=[found.rows[part.number].id for part in undone])
        if undone:
            # Before free payments are allocated anew: what then is paid of principal instead of fees is released of it.
            credit.owe_again(
                consumer_id=plan.consumer_id, currency=plan.currency, amount_minor=sum(part.principal_minor for part in undone), at=at
            )
        replay = Replay.lift(plan, found.rows, found.book) if undone else None
        if replay:
            replay.put_back()
            _move_interest(found, replay, source, at)
        found.book.save()
        numbers = _restate(found, opened, next_at, at)
        correct_loss(plan=plan, before=owed, after=Owed.on(found.rows.values()), source=source, at=at, came=found.came)
        if undone:
            _go_on(plan)
            kind = "agency_back" if failure == AGENCY_GAVE_BACK else "mistaken" if given_up else "reversed"
            record_change(plan=plan, kind=kind, reference=source, before=before, after=snapshot(list(found.rows.values())), actor="", at=at)
        _post_owed(found, undone, refunds, kept, lost, source, at)
        append(_reversed(found, numbers, amount_minor - refunds - lost, failure, source, next_at), at=at)
    return numbers


def _standing(found: _Found, number: int) -> Paid:
    """Return what the charge still pays of an installment."""
    one, fees = found.allocations.get(number), found.fees_of(number)
    principal = one.principal_minor - one.refunded_minor - one.undone_principal_minor if one else 0
    interest = one.interest_minor - one.undone_interest_minor if one else 0
    penalty = sum(paid.standing_minor for paid, fee in fees if fee.kind in PENALTIES)
    return Paid(number, principal, interest, sum(paid.standing_minor for paid, _ in fees) - penalty, penalty)


def _undo(found: _Found, part: Paid) -> None:
    row = found.rows[part.number]
    if part.principal_minor or part.interest_minor:
        one = found.allocations[part.number]
        one.undone_principal_minor += part.principal_minor
        one.undone_interest_minor += part.interest_minor
        row.paid_principal_minor -= part.principal_minor
        row.paid_interest_minor -= part.interest_minor
    _undo_fees(found, part, [(fee, paid.standing_minor) for paid, fee in reversed(found.fees_of(part.number))])


def _undo_fees(found: _Found, part: Paid, rooms: Iterable[tuple[Fee, int]], *, sign: int = 1) -> None:
    """Undo what the charge pays of fees of an installment, each with its room; with the sign -1 it is paid again."""
    payments_of = {one.fee_id: one for one in found.fee_payments}
    for fee, minor in share_out(rooms, penalty_minor=part.penalty_minor, fee_minor=part.fee_minor):
        payments_of[fee.id].undone_minor += sign * minor
        fee.paid_minor -= sign * minor
        found.rows[part.number].paid_fees_minor -= sign * minor
        found.book.changed[fee.id] = fee


Amounts = tuple[int, ...]
"""What is open of an installment, and what it asks for and what is paid of it, by kind; minor units."""


def amounts_of(rows: Iterable[Installment]) -> dict[int, Amounts]:
    """Return the amounts of installments by number, for `restate`."""
    return {
        row.number: (
            row.open_minor,
            *(row.principal_minor, row.interest_minor, row.fees_minor),
            *(row.paid_principal_minor, row.paid_interest_minor, row.paid_fees_minor),
        )
        for row in rows
    }


def restate(
    plan: Plan, rows: Iterable[Installment], opened: Mapping[int, Amounts], *, at: datetime, next_at: datetime | None = None
) -> list[Installment]:
    """Give installments whose open amount changed their states, in memory; workers try again at `next_at`.

    `opened` has the amounts before. Return all of which an amount changed, to be saved: also where as much is open as before. One that
    stays paid is opened in between, since the database lets no amount of a paid one change.
    """
    now = amounts_of(rows := list(rows))
    changed = [row for row in rows if now[row.number] != opened[row.number]]
    for row in changed:
        if row.open_minor < opened[row.number][0]:
            _pay_off(row, at)
        elif row.open_minor > opened[row.number][0]:
            _reopen(plan, row, next_at, local_date(at, plan.time_zone))
        elif row.status == InstallmentStatus.PAID:
            row.reopen_partly()
            save_installments([row])
            row.settle()
    return changed


def _restate(found: _Found, opened: Mapping[int, Amounts], next_at: datetime | None, at: datetime) -> list[int]:
    """Give the installments whose open amount changed their states, save them, and return the numbers of those that owe more."""
    changed = restate(found.plan, found.rows.values(), opened, at=at, next_at=next_at)
    save_installments(changed)
    return sorted(row.number for row in changed if row.open_minor > opened[row.number][0])


def _reopen(plan: Plan, row: Installment, next_at: datetime | None, today: date) -> None:
    if (row.due_date < today or plan.is_charged_off) and row.status != InstallmentStatus.OVERDUE:
        row.reopen_late()
    elif row.status != InstallmentStatus.OVERDUE and not row.paid_minor:
        row.reopen()
    elif row.status == InstallmentStatus.PAID:
        row.reopen_partly()
    row.paid_at, row.carried_at, row.last_failure = None, None, ""
    row.grace_from = today if row.due_date < today else row.grace_from
    if row.charge_id is None:
        to_come = plan.first_attempt(row.due_date) if row.due_date > today else None
        row.next_attempt_at = None if plan.stopped_at else max(next_at, to_come) if next_at and to_come else next_at


def _pay_off(row: Installment, at: datetime) -> None:
    """Mark an installment of which more is paid than before."""
    if row.open_minor == 0:
        row.settle()
        row.paid_at, row.last_failure = at, ""
        row.next_attempt_at = row.next_attempt_at if row.charge_id else None
    elif row.status != InstallmentStatus.OVERDUE:
        row.settle_partly()


def _move_interest(found: _Found, replay: Replay, source: str, at: datetime) -> None:
    """Save free payments that were allocated anew; what of them became interest, or principal, is posted and moves the limit."""
    replay.save()
    interest, fees, plan = replay.interest_moved, replay.fees_moved, found.plan
    if not (interest or fees):
        return
    turns.reallocated([turns.ReallocatedPosting(source, plan.public_id, plan.currency, interest, at, fees)])
    if interest + fees > 0:
        credit.owe_again(consumer_id=plan.consumer_id, currency=plan.currency, amount_minor=interest + fees, at=at)
    elif interest + fees < 0:
        credit.release_many(amounts={(plan.consumer_id, plan.currency): -interest - fees})


def _give_up_again(plan: Plan) -> None:
    """Let a plan that only a wrong entry had completed, or that is sold, be given up as it was before."""
    plan.activate()
    plan.save(update_fields=["status"])
    plan.charge_off()
    plan.save(update_fields=["status"])


def _go_on(plan: Plan) -> None:
    """Reopen a completed plan."""
    if plan.status == PlanStatus.COMPLETED:
        plan.activate()
        plan.save(update_fields=["status"])


def _save_allocations(found: _Found, parts: Sequence[Paid]) -> None:
    changed = [found.allocations[part.number] for part in parts if part.number in found.allocations]
    Allocation.objects.bulk_update(changed, ["undone_principal_minor", "undone_interest_minor"])
    FeePayment.objects.bulk_update(found.fee_payments, ["undone_minor"])


def _post_owed(found: _Found, undone: Sequence[Paid], refunds: int, kept: int, lost: int, source: str, at: datetime) -> None:
    interest = sum(part.interest_minor for part in undone)
    turns.owed_again(
        [
            turns.OwedAgainPosting(
                source=source,
                plan=found.plan.public_id,
                currency=found.plan.currency,
                owed_minor=sum(part.principal_minor for part in undone) + interest,
                interest_minor=interest,
                refunds_minor=refunds,
                lost_minor=lost,
                deposit_minor=kept,
                fees_minor=sum(part.penalty_minor + part.fee_minor for part in undone),
                at=at,
            )
        ]
    )


def _reversed(found: _Found, numbers: list[int], amount_minor: int, failure: str, source: str, next_at: datetime | None) -> PaymentReversed:
    plan = found.plan
    again = next_at is not None and plan.stopped_at is None
    return PaymentReversed(
        plan=plan.public_id,
        reference=plan.reference,
        installments=numbers,
        amount_minor=amount_minor,
        currency=plan.currency,
        charge=found.charge.public_id,
        failure=failure,
        source=source,
        next_attempt_at=next_at.isoformat() if again and next_at is not None else "",
    )


def pay_again(*, charge_id: uuid.UUID, amount_minor: int, source: str, at: datetime) -> list[int]:
    """Let a reinstated charge pay its installments again, and publish it; return their numbers.

    The amount first covers the loss that the reversal had caused. The part of installments paid otherwise meanwhile is refunded to the
    charge's method.
    """
    with unit():
        found = _load(charge_id)
        plan, before, owed = found.plan, snapshot(list(found.rows.values())), Owed.on(found.rows.values())
        recovered = min(amount_minor, max(0, balance(kind="bad_debt", owner=plan.public_id, currency=plan.currency)))
        opened = amounts_of(found.rows.values())
        replay = Replay.lift(plan, found.rows, found.book)
        items = [_item(found, number) for number in found.rows]
        paid, excess = allocate_payment(amount_minor - recovered, items)
        kept = redo_deposit(charge_id=charge_id, amount_minor=excess, at=at)
        excess -= kept
        for part in paid:
            _redo(found, part)
        give_rewards_again(plan=plan, charge=found.charge, rows=found.rows, source=source, at=at)
        restore_credits(charge_id=charge_id, installments=[found.rows[part.number].id for part in paid])
        _save_allocations(found, paid)
        left, _ = replay.put_back()
        _move_interest(found, replay, source, at)
        found.book.save()
        _restate(found, opened, None, at)
        correct_loss(plan=plan, before=owed, after=Owed.on(found.rows.values()), source=source, at=at, came=found.came)
        if paid:
            record_change(
                plan=plan, kind="reinstated", reference=source, before=before, after=snapshot(list(found.rows.values())), actor="", at=at
            )
            freed = sum(part.principal_minor for part in paid) - sum(left.values())
            credit.release_many(amounts={(plan.consumer_id, plan.currency): freed})
        back = [*way_back(plan, found.charge, excess), *((replay.payments[place].charge, minor) for place, minor in left.items())]
        if excess or left:
            payments.open_refunds(requests=[refund_request(plan, charge, minor) for charge, minor in back if minor], at=at)
        over = sum(left.values())
        _post_paid(found, paid, excess, recovered, kept, source, at, over)
        numbers = sorted(part.number for part in paid)
        append(
            PaymentReinstated(
                plan=plan.public_id,
                reference=plan.reference,
                installments=numbers,
                amount_minor=amount_minor - recovered,
                excess_minor=excess + over,
                currency=plan.currency,
                charge=found.charge.public_id,
                source=source,
            ),
            at=at,
        )
        complete_if_paid(plan=plan, rows=found.rows.values(), at=at)
    return numbers


def _item(found: _Found, number: int) -> OpenItem:
    """Return the part of an installment that a charge can pay again: its undone part, up to the amount still open."""
    row, one = found.rows[number], found.allocations.get(number)
    fees = [(min(paid.undone_minor, fee.open_minor), fee) for paid, fee in found.fees_of(number)]
    penalty = sum(minor for minor, fee in fees if fee.kind in PENALTIES)
    return OpenItem(
        row.number,
        min(one.undone_principal_minor, row.principal_minor - row.paid_principal_minor) if one else 0,
        min(one.undone_interest_minor, row.interest_minor - row.paid_interest_minor) if one else 0,
        sum(minor for minor, _ in fees) - penalty,
        penalty,
    )


def _redo(found: _Found, part: Paid) -> None:
    row = found.rows[part.number]
    if part.principal_minor or part.interest_minor:
        one = found.allocations[part.number]
        one.undone_principal_minor -= part.principal_minor
        one.undone_interest_minor -= part.interest_minor
        row.paid_principal_minor += part.principal_minor
        row.paid_interest_minor += part.interest_minor
    _undo_fees(found, part, [(fee, min(paid.undone_minor, fee.open_minor)) for paid, fee in found.fees_of(part.number)], sign=-1)


def _post_paid(found: _Found, paid: Sequence[Paid], excess: int, recovered: int, kept: int, source: str, at: datetime, over: int) -> None:
    """Post a reinstated charge; `over` is what free payments paid before in its place, and goes back to them."""
    interest = sum(part.interest_minor for part in paid)
    turns.paid_again(
        [
            turns.PaidAgainPosting(
                source=source,
                plan=found.plan.public_id,
                currency=found.plan.currency,
                paid_minor=sum(part.principal_minor for part in paid) + interest - over,
                interest_minor=interest,
                excess_minor=excess + over,
                recovered_minor=recovered,
                deposit_minor=kept,
                fees_minor=sum(part.penalty_minor + part.fee_minor for part in paid),
                at=at,
            )
        ]
    )
