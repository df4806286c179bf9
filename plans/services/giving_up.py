"""Plans that are given up as lost: proposed by one operator, confirmed by another, and posted to `bad_debt`.

The consumer still owes what is given up. Later changes (a payment, a shop's refund, a charge taken back) are posted as for any plan, and
the loss is corrected by the same amount. So the plan's receivable stays 0, and the loss always equals the open amount of the plan.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.queries import may_be_one_person
from core.db import unit
from core.errors import Conflict, refuse
from core.outbox import append
from core.sentences import Sentence, status_word
from ledger import turns
from payments.queries import is_being_disputed
from plans.events import ChargeOffConfirmed
from plans.models import ChargeOff, Installment, Plan
from plans.queries import find_charge_off, get_charge_off, installments_of, is_long_late, lock_plan
from plans.services.saving import save_installments
from plans.states import INSTALLMENT_IN_TIME, ChargeOffStatus, PlanStatus

REASONS = tuple(code for code, _ in ChargeOff.REASONS)


@dataclass(frozen=True, slots=True)
class Owed:
    """The open amount of a plan, in minor units."""

    principal_minor: int
    interest_minor: int

    @classmethod
    def on(cls, rows: Iterable[Installment]) -> "Owed":
        """Add up what is open of installments."""
        found = list(rows)
        return cls(
            sum(row.principal_minor - row.paid_principal_minor for row in found),
            sum(row.interest_minor - row.paid_interest_minor for row in found),
        )

    @property
    def amount_minor(self) -> int:
        """Principal and interest."""
        return self.principal_minor + self.interest_minor


def propose_charge_off(*, plan_id: uuid.UUID, reason: str, note: str, days: int, actor: str, at: datetime) -> ChargeOff:
    """Propose to give up a plan that is at least `days` days late; nothing changes until another operator confirms it.

    Invalid without a note and a reason from the list. Conflict if the plan cannot be given up now, or is already proposed.
    """
    refuse(
        {
            "reason": "" if reason in REASONS else Sentence("choose a reason"),
            "note": "" if note.strip() else Sentence("say what you found"),
        }
    )
    with unit():
        plan = lock_plan(plan_id)
        if find_charge_off(plan.id) is not None:
            raise Conflict("Somebody has proposed this already.", code="plans.charge_off_proposed")
        owed = Owed.on(_lost(plan, days, at))
        return ChargeOff.objects.create(
            plan=plan,
            reason=reason,
            note=note.strip()[:500],
            principal_minor=owed.principal_minor,
            interest_minor=owed.interest_minor,
            proposed_by=actor,
            proposed_at=at,
        )


def confirm_charge_off(*, charge_off_id: uuid.UUID, seen_minor: int, days: int, actor: str, at: datetime) -> ChargeOff:
    """Give up a plan that another operator proposed: the open amount is posted as lost, and workers no longer charge it.

    The person still owes the amount and may pay it; the limit stays in use. Conflict if the same operator proposed it, if the open amount
    differs from `seen_minor` (minor units), or if the plan cannot be given up now.
    """
    with unit():
        plan = lock_plan(get_charge_off(charge_off_id).plan_id)
        charge_off = _proposed(charge_off_id)
        if may_be_one_person(charge_off.proposed_by, actor, at=at):
            raise Conflict(
                "Somebody else confirms it, whose account and yours no one person made or changed lately.", code="plans.charge_off_by_two"
            )
        rows = _lost(plan, days, at)
        owed = Owed.on(rows)
        if owed.amount_minor != seen_minor:
            raise Conflict("What is owed changed since you looked. Look at it again, then decide.", code="plans.something_else")
        charge_off.principal_minor, charge_off.interest_minor = owed.principal_minor, owed.interest_minor
        _close(charge_off, "confirm", actor, at)
        _give_up(plan, rows)
        turns.charged_off([_posting(plan, charge_off, charge_off.public_id, owed.principal_minor, owed.interest_minor, at)])
        append(ChargeOffConfirmed(plan=plan.public_id, reference=plan.reference, amount_minor=owed.amount_minor), at=at)
    return charge_off


def withdraw_charge_off(*, charge_off_id: uuid.UUID, actor: str, at: datetime) -> ChargeOff:
    """Withdraw a proposal: the plan goes on as before. Conflict if it is confirmed or withdrawn already."""
    with unit():
        lock_plan(get_charge_off(charge_off_id).plan_id)
        charge_off = _proposed(charge_off_id)
        _close(charge_off, "withdraw", actor, at)
    return charge_off


def _proposed(charge_off_id: uuid.UUID) -> ChargeOff:
    """Return a charge-off, read after its plan was locked."""
    charge_off = get_charge_off(charge_off_id)
    if charge_off.status != ChargeOffStatus.PROPOSED:
        raise Conflict("This is confirmed, or withdrawn already.", code="plans.charge_off_closed")
    return charge_off


def _lost(plan: Plan, days: int, at: datetime) -> list[Installment]:
    """Return the installments of a locked plan; Conflict if it cannot be given up now."""
    rows = installments_of(plan)
    if plan.status != PlanStatus.ACTIVE:
        raise Conflict(Sentence("This plan is %(status)s.", status=status_word(plan.status)), code="plans.not_active")
    if not is_long_late(plan, rows, days=days, at=at):
        raise Conflict(Sentence("No payment of this plan is late for %(days)s days.", days=days), code="plans.not_late_enough")
    if any(row.charge_id for row in rows):
        raise Conflict("A payment for this plan is under way. Wait for its answer.", code="plans.payment_under_way")
    if is_being_disputed(plan.public_id):
        raise Conflict("A payment of this plan is disputed. Wait until the bank has decided.", code="plans.disputed")
    return rows


def _give_up(plan: Plan, rows: Iterable[Installment]) -> None:
    """Mark everything open as late and never charged by workers; end a stop of the plan, so that the person may pay."""
    opened = [row for row in rows if row.status in Installment.OPEN]
    for row in opened:
        if row.status in INSTALLMENT_IN_TIME:
            row.become_overdue()
        row.next_attempt_at, row.carried_at = None, None
    save_installments(opened)
    plan.charge_off()
    plan.stopped_at = None
    plan.save(update_fields=["status", "stopped_at"])


def correct_loss(*, plan: Plan, before: Owed, after: Owed, source: str, at: datetime) -> None:
    """Correct the loss of a locked plan after its open amount changed; does nothing for a plan that is not given up.

    `source` is the cause of the change: a charge, a shop's refund, or a turn. Call it before the plan's status changes.
    """
    principal, interest = before.principal_minor - after.principal_minor, before.interest_minor - after.interest_minor
    if not plan.is_charged_off or not (principal or interest):
        return
    charge_off = ChargeOff.objects.filter(plan=plan, status=ChargeOffStatus.CONFIRMED).latest("id")
    if principal + interest > 0:
        turns.recovered([_posting(plan, charge_off, source, principal, interest, at)])
    else:
        turns.charged_off([_posting(plan, charge_off, source, -principal, -interest, at)])


def _close(charge_off: ChargeOff, how: str, actor: str, at: datetime) -> None:
    getattr(charge_off, how)()
    charge_off.closed_by, charge_off.closed_at = actor, at
    charge_off.save(update_fields=["status", "principal_minor", "interest_minor", "closed_by", "closed_at"])


def _posting(plan: Plan, charge_off: ChargeOff, source: str, principal: int, interest: int, at: datetime) -> turns.LossPosting:
    return turns.LossPosting(source, plan.public_id, charge_off.public_id, plan.currency, principal, interest, at)
