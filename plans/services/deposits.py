"""Deposits: charged whole from the card that holds them, used by captures, given back where an order ends.

Nothing is captured of an order before its deposit is paid (`checkout.services.capturing`), so a deposit is never owed above a limit.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from core.db import unit
from core.ids import uuid7
from core.outbox import append
from core.writes import insert
from ledger import postings
from payments import services as payments
from payments.gateways.base import ChargeRequest
from payments.models import Authorization, Charge, PaymentMethod
from payments.queries import smallest_charge
from payments.services import HOLD_DAYS
from payments.speaking import speaker_of
from plans.errors import NothingToPay
from plans.events import DepositFailed, DepositPaid, DepositReturned
from plans.models import Allocation, Deposit, DepositPayment, Installment, Plan
from plans.queries import find_deposit, lock_plan
from plans.services.completing import complete_if_paid
from plans.services.going_back import refund_request
from plans.services.saving import save_installments

BEFORE_LAPSE = timedelta(days=HOLD_DAYS - 1)
"""How long after the order a deposit is charged although nothing was captured: a day before its hold lapses."""


def open_deposit(*, plan: Plan, held: Authorization | None, at: datetime, at_once: bool = False, waits: bool = False) -> None:
    """Record the deposit of a new plan, with the hold on the card.

    Workers charge it before the hold lapses; `at_once` if they should not wait for that, and not before `ready_deposit` if it `waits` for
    the decision about a held order.
    """
    when = None if waits else at if at_once or held is None else held.created_at + BEFORE_LAPSE
    insert(Deposit(plan=plan, authorization=held, amount_minor=plan.deposit_minor, next_attempt_at=when, created_at=at))


def deposits_of(charge_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Deposit]:
    """Return the deposits that charges were made for, by charge; a charge that failed may still be confirmed by the person."""
    keys = list(charge_ids)
    made = Deposit.objects.filter(Q(charge_id__in=keys) | Q(tried_id__in=keys) | Q(tried_before__overlap=keys))
    found: dict[uuid.UUID, Deposit] = {}
    for one in made:
        found |= {key: one for key in (one.charge_id, one.tried_id, *one.tried_before) if key in charge_ids and key is not None}
    return found


def ready_deposit(*, plan: Plan, at: datetime, at_once: bool = False) -> None:
    """Let workers charge the deposit of a locked plan whose held order was approved: before the hold lapses, or `at_once`."""
    deposit = find_deposit(plan.id)
    if deposit is not None:
        held = deposit.authorization
        deposit.next_attempt_at = at if at_once or held is None else max(at, held.created_at + BEFORE_LAPSE)
        deposit.save(update_fields=["next_attempt_at"])


def claim_deposit(*, plan_id: uuid.UUID, at: datetime) -> ChargeRequest | None:
    """Claim what is open of a plan's deposit for a charge of the card that holds it, and return the request, recorded in this commit.

    Whatever card the plan has now. None if nothing is open, a charge is under way, or the last one failed and its next attempt is later.
    A card that was removed or refused is charged only from a hold that stands.
    """
    with unit():
        plan = lock_plan(plan_id)
        deposit = find_deposit(plan_id)
        if deposit is None or deposit.state not in {"held", "declined"} or plan.stopped_at is not None:
            return None
        if deposit.attempts and (deposit.next_attempt_at is None or deposit.next_attempt_at > at):
            return None
        held = _standing(deposit)
        method = deposit.authorization.payment_method if deposit.authorization else plan.payment_method
        if held is None and not method.is_usable:
            _fail(plan, deposit, "card_not_usable", None, "", at)
            return None
        return _open_charge(plan, deposit, method, held, "", at)


def claim_deposit_now(*, plan: Plan, method: PaymentMethod, actor: str, at: datetime) -> ChargeRequest:
    """Claim what is open of a locked plan's deposit for a person who pays it now, from a method of their choice; NothingToPay."""
    with unit():
        deposit = find_deposit(plan.id)
        if deposit is None or deposit.state != "declined" or plan.stopped_at is not None:
            raise NothingToPay("There is no deposit to pay, or its payment is already under way.")
        return _open_charge(plan, deposit, method, None, actor, at)


def _standing(deposit: Deposit) -> Authorization | None:
    """Return a deposit's hold if it can still be charged."""
    held = deposit.authorization
    if held is None or held.used_at or held.released_at or held.release_wanted_at or held.amount_minor < deposit.open_minor:
        return None
    return held


def _open_charge(
    plan: Plan, deposit: Deposit, method: PaymentMethod, held: Authorization | None, actor: str, at: datetime
) -> ChargeRequest:
    request = ChargeRequest(
        id=uuid7(),
        gateway=method.gateway,
        token=method.token,
        payment_method_id=method.id,
        reference=plan.public_id,
        amount_minor=deposit.open_minor,
        currency=plan.currency,
        actor=actor,
        authorization_id=held.id if held else None,
        authorization_ref=held.gateway_ref if held else "",
        kind=method.kind,
        speaker=speaker_of(plan.consumer.brand_id),
    )
    payments.open_charges(requests=[request], at=at)
    deposit.charge_id = request.id
    deposit.save(update_fields=["charge_id"])
    return request


@dataclass(frozen=True, slots=True)
class DepositFailure:
    """A charge of a deposit that failed: its code, and when workers try again (None: only the person can pay it).

    `as_planned` is for an attempt that the person made: what workers planned does not change.
    """

    charge_id: uuid.UUID
    failure: str
    next_at: datetime | None
    as_planned: bool = False


def fail_deposit(*, failure: DepositFailure, at: datetime) -> None:
    """Release a deposit whose charge failed, and publish it, unless another charge has paid it meanwhile.

    Runs in the transaction that records the charge, with its plan locked.
    """
    with unit():
        deposit = Deposit.objects.select_related("plan").defer("plan__agreement", "plan__agreement_before").get(charge_id=failure.charge_id)
        deposit.tried_before += [deposit.tried_id] if deposit.tried_id else []
        deposit.charge_id, deposit.tried_id = None, failure.charge_id
        if failure.as_planned or not deposit.open_minor:
            deposit.save(update_fields=["charge_id", "tried_id", "tried_before"])
            return
        deposit.attempts += 1
        _fail(deposit.plan, deposit, failure.failure, failure.next_at, failure.charge_id.hex, at)


def _fail(plan: Plan, deposit: Deposit, failure: str, next_at: datetime | None, charge: str, at: datetime) -> None:
    ended = deposit.ended_at is not None
    deposit.last_failure, deposit.next_attempt_at = failure, None if ended else next_at
    deposit.save(update_fields=["charge_id", "tried_id", "tried_before", "attempts", "last_failure", "next_attempt_at"])
    if not ended:
        again = next_at.isoformat() if next_at else ""
        told = {"plan": plan.public_id, "reference": plan.reference, "charge": charge, "failure": failure, "next_attempt_at": again}
        append(DepositFailed(amount_minor=deposit.open_minor, currency=plan.currency, attempt=deposit.attempts, **told), at=at)


def take_deposit_payment(*, plan: Plan, deposit: Deposit, charge: Charge, at: datetime) -> int:
    """Let a charge that succeeded pay the deposit that it was made for, post it, and return the excess, which goes back.

    If the order has ended meanwhile, all of it is excess. Runs in the transaction that records the charge, with the plan locked.
    """
    if deposit.charge_id == charge.id:
        deposit.charge_id = None
    kept = 0 if deposit.ended_at is not None else min(charge.amount_minor, deposit.open_minor)
    if kept:
        DepositPayment.objects.create(deposit=deposit, charge_id=charge.id, amount_minor=kept, at=at)
        deposit.paid_minor += kept
        told = {"plan": plan.public_id, "reference": plan.reference, "charge": charge.public_id, "currency": plan.currency}
        append(DepositPaid(amount_minor=kept, **told), at=at)
    elif deposit.ended_at is not None:
        told = {"plan": plan.public_id, "reference": plan.reference, "charge": charge.public_id, "currency": plan.currency}
        append(DepositReturned(amount_minor=charge.amount_minor, **told), at=at)
    if not deposit.open_minor:
        deposit.paid_at, deposit.next_attempt_at, deposit.last_failure = at, None, ""
    deposit.save(update_fields=["charge_id", "paid_minor", "paid_at", "next_attempt_at", "last_failure"])
    postings.charges(
        [
            postings.ChargePosting(
                charge=charge.public_id,
                plan=plan.public_id,
                gateway=charge.gateway,
                currency=charge.currency,
                paid_minor=0,
                interest_minor=0,
                excess_minor=charge.amount_minor - kept,
                deposit_minor=kept,
                at=at,
            )
        ]
    )
    return charge.amount_minor - kept


def use_deposit(*, plan: Plan, rows: Sequence[Installment], amount_minor: int, source: str, at: datetime) -> None:
    """Let a paid deposit pay an amount of the installments that a capture started, in their order, and post it; `source` is the capture.

    The plan is locked. ValueError if less of the deposit is left.
    """
    left = amount_minor
    allocations: list[Allocation] = []
    found = list(DepositPayment.objects.filter(deposit__plan=plan).order_by("id"))
    with unit():
        for row in rows:
            for one in found:
                part = min(left, one.left_minor, row.principal_minor - row.paid_principal_minor)
                if part:
                    one.used_minor += part
                    row.paid_principal_minor += part
                    left -= part
                    allocations.append(Allocation(installment=row, charge_id=one.charge_id, principal_minor=part, at=at))
            if row.paid_principal_minor:
                _mark_paid(row, at)
        if left:
            raise ValueError(f"{left} of the deposit of {plan.public_id} was never paid")
        DepositPayment.objects.bulk_update(found, ["used_minor"])
        save_installments([row for row in rows if row.paid_principal_minor])
        Allocation.objects.bulk_create(allocations)
        postings.deposits_used([postings.DepositPosting(source, plan.public_id, plan.currency, amount_minor, at)])
        complete_if_paid(plan=plan, rows=Installment.objects.filter(plan=plan), at=at)


def _mark_paid(row: Installment, at: datetime) -> None:
    if row.open_minor:
        row.settle_partly()
        return
    row.settle()
    row.paid_at, row.next_attempt_at = at, None


def end_deposit(*, plan: Plan, at: datetime) -> bool:
    """End the deposit of a locked plan of whose order nothing more is captured; what is left of it goes back to its card.

    Return whether its charge is under way: once that ends, its money goes back too.
    """
    with unit():
        deposit = Deposit.objects.filter(plan=plan, ended_at=None).first()
        if deposit is None:
            return False
        deposit.ended_at, deposit.next_attempt_at = at, None
        deposit.save(update_fields=["ended_at", "next_attempt_at"])
        back = [one for one in deposit.payments.order_by("id") if one.left_minor]
        if back:
            _return(plan, back, plan.public_id, at)
        return deposit.charge_id is not None


def _return(plan: Plan, back: Sequence[DepositPayment], source: str, at: datetime) -> None:
    charges = Charge.objects.in_bulk([one.charge_id for one in back])
    total = sum(one.left_minor for one in back)
    payments.open_refunds(requests=[refund_request(plan, charges[one.charge_id], one.left_minor) for one in back], at=at)
    for one in back:
        one.returned_minor += one.left_minor
    DepositPayment.objects.bulk_update(back, ["returned_minor"])
    postings.deposits_returned([postings.DepositPosting(source, plan.public_id, plan.currency, total, at)])
    told = {"plan": plan.public_id, "reference": plan.reference, "currency": plan.currency}
    append(DepositReturned(amount_minor=total, charge=charges[back[0].charge_id].public_id, **told), at=at)


def undo_deposit(*, charge: Charge, amount_minor: int, failure: str) -> int:
    """Take back, up to an amount, what a charge paid of a deposit and no capture used; return how much.

    The deposit is open again, and only the person can pay it. If that is less than the smallest charge of their card, nobody could ever pay
    it, and nothing could be captured: nothing is taken back then, and the deposit stays paid. Runs in the transaction that records the
    turn, with the plan locked.
    """
    one = DepositPayment.objects.select_related("deposit").filter(charge_id=charge.id).first()
    minor = min(amount_minor, one.left_minor) if one else 0
    if one is None or not minor or one.deposit.open_minor + minor < smallest_charge(charge.gateway, charge.currency):
        return 0
    one.undone_minor += minor
    one.save(update_fields=["undone_minor"])
    deposit = one.deposit
    deposit.paid_minor -= minor
    deposit.paid_at, deposit.last_failure, deposit.next_attempt_at = None, failure or "reversed", None
    deposit.attempts = max(1, deposit.attempts)
    deposit.save(update_fields=["paid_minor", "paid_at", "last_failure", "next_attempt_at", "attempts"])
    return minor


def redo_deposit(*, charge_id: uuid.UUID, amount_minor: int, at: datetime) -> int:
    """Let a reinstated charge pay a deposit again, as far as it is open; return how much."""
    one = DepositPayment.objects.select_related("deposit").filter(charge_id=charge_id, deposit__ended_at=None).first()
    # What a charge under way is about to pay is not paid twice.
    minor = min(amount_minor, one.undone_minor, one.deposit.open_minor) if one and one.deposit.charge_id is None else 0
    if one is None or not minor:
        return 0
    one.undone_minor -= minor
    one.save(update_fields=["undone_minor"])
    deposit = one.deposit
    deposit.paid_minor += minor
    if not deposit.open_minor:
        deposit.paid_at, deposit.last_failure = at, ""
    deposit.save(update_fields=["paid_minor", "paid_at", "last_failure"])
    return minor
