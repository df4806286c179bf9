"""Apply a shop's refund to a plan."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from core.clock import local_date
from core.db import unit
from credit import services as credit
from payments import services as payments
from payments.models import Charge
from payments.services import RefundRequest
from plans.models import Allocation, Forgiven, Installment, Plan
from plans.queries import installments_of, parts_of, state_of
from plans.rules.refunds import RefundResult, RefundRule, apply_refund, refundable_minor
from plans.services.completing import complete_if_paid
from plans.services.creation import record_change, snapshot
from plans.services.crediting import take_credits
from plans.services.forgiving import return_forgiven
from plans.services.giving_up import Owed, correct_loss
from plans.services.going_back import refund_request
from plans.services.returning import end_by_refund
from plans.services.rewarding import Kept, keep_rewards, kept_of
from plans.services.saving import save_installments
from plans.services.serving import end_refunded


@dataclass(frozen=True, slots=True)
class Back:
    """Money that goes back to the method that paid an installment; minor units."""

    number: int
    charge: str
    method: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class RefundOutcome:
    """The effect of a refund on a plan: `canceled`, `back` and `waived` add up to its amount; dropped `interest` is not part of it.

    `waived` is refunded principal that had been waived as too small to be charged; the lender, who bore it, gets it. `kept` is what the
    payments that go back had earned by being early: that much less goes back to the methods (`back`). `cuts` is what each payment loses of
    its principal, open or paid: (part, number, minor units).
    """

    plan: str
    canceled_minor: int
    back_minor: int
    waived_minor: int
    interest_minor: int
    back: list[Back]
    kept_minor: int
    cuts: list[tuple[int, int, int]]
    before: list[dict[str, Any]]
    after: list[dict[str, Any]]


def refund_plan(
    *,
    plan: Plan,
    parts: Sequence[tuple[int, int]],
    reference: str,
    rule: RefundRule | None = None,
    actor: str,
    at: datetime,
    dry_run: bool = False,
) -> RefundOutcome:
    """Apply a refund to parts of a locked plan: (part, principal in minor units) each; a dry run writes nothing.

    Principal that the lender let go (`Forgiven`) comes first, as nobody owes it. Open principal is canceled then, by `rule` or else the
    product's rule; the excess goes back to the methods that paid, newest first.
    """
    with unit():
        rows = installments_of(plan)
        before, owed, results, waived = snapshot(rows), Owed.on(rows), [], 0
        cuts: list[tuple[int, int, int]] = []
        found = Forgiven.objects.filter(plan=plan, undone_at=None).first()
        forgiven: dict[int, int] = {}
        for part, asked in parts:
            members = parts_of(rows)[part]
            minor = asked - _of_forgiven(found, members, asked, forgiven)
            states = [state_of(row) for row in members]
            taken = min(minor, refundable_minor(states))
            waived += minor - taken
            if not taken:
                continue
            result = apply_refund(
                states,
                taken,
                rule=rule or cast("RefundRule", plan.product.refund_rule),
                at=local_date(at, plan.time_zone),
                terms=plan.terms,
                start=members[0].start_date,
            )
            _apply(members, result)
            results.append(result)
            cuts += [(part, line.number, line.canceled_principal_minor) for line in result.lines if line.canceled_principal_minor]
            cuts += [(part, *one) for one in result.back]
        _look_at_carried(plan, rows)
        back, allocations = _way_back(rows, results, reference)
        kept = kept_of(plan, allocations)
        outcome = RefundOutcome(
            plan=plan.public_id,
            canceled_minor=sum(result.canceled_minor for result in results) + sum(forgiven.values()),
            back_minor=sum(result.back_minor for result in results),
            waived_minor=waived,
            interest_minor=sum(result.rebate_interest_minor for result in results),
            back=[
                replace(one, amount_minor=one.amount_minor - kept.of.get(of.id, 0))
                for one, (of, _) in zip(back, allocations, strict=True)
                if one.amount_minor > kept.of.get(of.id, 0)
            ],
            kept_minor=kept.amount_minor,
            cuts=cuts,
            before=before,
            after=snapshot(rows),
        )
        if not dry_run:
            correct_loss(plan=plan, before=owed, after=Owed.on(rows), source=reference, at=at)
            if found and forgiven:
                return_forgiven(found, forgiven, source=reference, at=at)
            _write(plan, rows, outcome, allocations, kept, reference, actor, at, released=outcome.canceled_minor - sum(forgiven.values()))
            end_refunded(plan=plan, parts=[part for part, _ in parts], actor=actor, at=at)
            end_by_refund(plan=plan, actor=actor, at=at)
    return outcome


def _of_forgiven(found: Forgiven | None, members: Sequence[Installment], minor: int, taken: dict[int, int]) -> int:
    """Note in `taken`, by number, what a refund takes of principal that the lender let go, which comes first; return how much."""
    left = minor
    for row in members if found else ():
        part = min(left, found.left_of(row.number)) if found else 0
        if part:
            taken[row.number] = taken.get(row.number, 0) + part
            left -= part
    return minor - left


def _apply(rows: Iterable[Installment], result: RefundResult) -> None:
    states = {state.number: state for state in result.installments}
    for row in rows:
        state = states[row.number]
        row.principal_minor, row.interest_minor, row.refunded_minor = state.principal_minor, state.interest_minor, state.refunded_minor
        if row.status in Installment.OPEN and row.open_minor == 0:
            if row.paid_minor:
                row.settle()
            else:
                row.cancel()


def _look_at_carried(plan: Plan, rows: Iterable[Installment]) -> None:
    """Make the due run check small waiting installments again: the refund may have removed the payment that they wait for."""
    for row in rows:
        if row.carried_at is not None and row.status in Installment.OPEN and row.charge_id is None:
            row.carried_at = None
            row.next_attempt_at = plan.first_attempt(row.due_date)


def _way_back(
    rows: Sequence[Installment], results: Iterable[RefundResult], reference: str
) -> tuple[list[Back], list[tuple[Allocation, int]]]:
    """Return the money that goes back, and the allocation of each amount; an installment's newest payment comes first."""
    owed = [item for result in results for item in result.back]
    if not owed:
        return [], []
    by_number = {row.number: row for row in rows}
    ids = [by_number[number].id for number, _ in owed]
    found = list(Allocation.objects.filter(installment_id__in=ids).order_by("-id"))
    charges = {charge.id: charge for charge in Charge.objects.filter(id__in={a.charge_id for a in found}).select_related("payment_method")}
    back, taken = [], []
    for number, amount in owed:
        left = amount
        for allocation in (a for a in found if a.installment_id == by_number[number].id):
            part = min(left, allocation.principal_minor - allocation.undone_principal_minor - allocation.refunded_minor)
            if part:
                charge = charges[allocation.charge_id]
                back.append(Back(number, charge.public_id, str(charge.payment_method), part))
                taken.append((allocation, part))
                left -= part
    return back, taken


def _write(
    plan: Plan,
    rows: list[Installment],
    outcome: RefundOutcome,
    taken: list[tuple[Allocation, int]],
    kept: Kept,
    reference: str,
    actor: str,
    at: datetime,
    released: int,
) -> None:
    save_installments(rows)
    keep_rewards(plan=plan, kept=kept, source=reference, at=at)
    take_credits(taken=taken)
    for allocation, minor in taken:
        allocation.refunded_minor += minor
        allocation.save(update_fields=["refunded_minor"])
    record_change(plan=plan, kind="refund", reference=reference, before=outcome.before, after=outcome.after, actor=actor, at=at)
    if taken:
        payments.open_refunds(requests=_requests(plan, taken, kept), at=at)
    if released:
        credit.release(consumer_id=plan.consumer_id, currency=plan.currency, amount_minor=released, at=at)
    complete_if_paid(plan=plan, rows=rows, at=at, by="refund")


def _requests(plan: Plan, taken: list[tuple[Allocation, int]], kept: Kept) -> list[RefundRequest]:
    """Return one refund for each charge that money goes back to, less what is kept of rewards."""
    sums: dict[uuid.UUID, int] = {}
    for allocation, minor in taken:
        sums[allocation.charge_id] = sums.get(allocation.charge_id, 0) + minor - kept.of.get(allocation.id, 0)
    charges = Charge.objects.in_bulk(list(sums))
    return [refund_request(plan, charges[key], minor) for key, minor in sums.items() if minor]
