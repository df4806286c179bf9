"""Give up plans as lost, after two operators agreed or by their market's days, and post them to `bad_debt`.

The consumer still owes what is given up. Later changes (a payment, a shop's refund, a charge taken back) are posted as for any plan, and
the loss is corrected by the same amount. So the plan's receivable stays 0, and the loss always equals the open amount of the plan.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_noop

from controls.models import Proposal
from core.clock import day_begins
from core.db import unit
from core.errors import Conflict
from core.outbox import append
from core.sentences import Sentence, status_word
from ledger import turns
from payments.queries import is_being_disputed, list_being_disputed
from plans.events import ChargeOffConfirmed
from plans.guards import BY_DAY, CLOSE_OF_DAY
from plans.late import list_lost
from plans.models import ChargeOff, FreePayment, Installment, Plan
from plans.queries import installments_of, is_long_late, list_installments, lock_plan, lock_plans
from plans.services.saving import save_installments
from plans.services.selling import pass_on
from plans.states import INSTALLMENT_IN_TIME, ChargeOffStatus, PlanStatus

SOMETHING_ELSE = gettext_noop("What is owed changed since this was proposed. Withdraw it, and propose it anew.")


@dataclass(frozen=True, slots=True)
class Owed:
    """The open amount of a plan, in minor units. Its fees are no loss, and none of what two people agree on."""

    principal_minor: int
    interest_minor: int
    fees_minor: int = field(default=0, compare=False)

    @classmethod
    def on(cls, rows: Iterable[Installment]) -> "Owed":
        """Add up the open amounts of installments."""
        found = list(rows)
        return cls(
            sum(row.principal_minor - row.paid_principal_minor for row in found),
            sum(row.interest_minor - row.paid_interest_minor for row in found),
            sum(row.open_fees_minor for row in found),
        )

    @property
    def amount_minor(self) -> int:
        """Principal and interest."""
        return self.principal_minor + self.interest_minor


def losable(*, plan_id: uuid.UUID, days: int, at: datetime) -> Owed:
    """Lock a plan that is `days` days late (0: late or not), and return its open amounts; Conflict if it cannot be given up now."""
    return Owed.on(_lost(lock_plan(plan_id), days, at))


def charge_off(*, plan_id: uuid.UUID, cause: str, owed: Owed, proposal: Proposal, days: int, at: datetime) -> ChargeOff:
    """Give up a plan after two operators agreed: the open amount is posted as lost, and workers no longer charge it.

    The person still owes the amount and may pay it; the limit stays in use. Conflict if the open amount is not the agreed one, or if the
    plan cannot be given up now.
    """
    with unit():
        plan = lock_plan(plan_id)
        rows = _lost(plan, days, at)
        if Owed.on(rows) != owed:
            raise Conflict(SOMETHING_ELSE, code="plans.something_else")
        made = ChargeOff.objects.create(
            plan=plan,
            proposal=proposal,
            reason=cause,
            note=proposal.reason,
            principal_minor=owed.principal_minor,
            interest_minor=owed.interest_minor,
            proposed_by=proposal.proposed_by,
            proposed_at=proposal.proposed_at,
            closed_by=proposal.decided_by,
            closed_at=at,
        )
        _give_up(plan, rows)
        turns.charged_off([_posting(plan, made, made.public_id, owed.principal_minor, owed.interest_minor, at)])
        append(ChargeOffConfirmed(plan=plan.public_id, reference=plan.reference, amount_minor=owed.amount_minor), at=at)
    return made


def charge_off_by_day(*, plan_ids: Sequence[uuid.UUID], day: date, at: datetime) -> int:
    """Give up those of some plans that their market's setting gives up by a closed day; return how many.

    Leaves out those with a payment under way or disputed. The number of statements does not depend on the number of plans.
    """
    with unit():
        plans = lock_plans(plan_ids)
        lost = set(list_lost(plan_ids, day=day, at=at))
        rows, disputed = list_installments(lost), list_being_disputed([plan.public_id for plan in plans])
        given = [
            plan for plan in plans if plan.id in lost and plan.public_id not in disputed and not any(row.charge_id for row in rows[plan.id])
        ]
        made = ChargeOff.objects.bulk_create([_by_day(plan, Owed.on(rows[plan.id]), at) for plan in given])
        save_installments([row for plan in given for row in _close_rows(rows[plan.id])])
        for plan in given:
            plan.charge_off()
            plan.stopped_at = None
        Plan.objects.bulk_update(given, ["status", "stopped_at"])
        turns.charged_off(
            [_posting(plan, one, one.public_id, one.principal_minor, one.interest_minor, at) for plan, one in zip(given, made, strict=True)]
        )
        told = zip(given, made, strict=True)
        append(*[ChargeOffConfirmed(plan=p.public_id, reference=p.reference, amount_minor=one.amount_minor) for p, one in told], at=at)
    return len(given)


def _by_day(plan: Plan, owed: Owed, at: datetime) -> ChargeOff:
    return ChargeOff(
        plan=plan,
        reason=BY_DAY,
        principal_minor=owed.principal_minor,
        interest_minor=owed.interest_minor,
        proposed_at=at,
        closed_by=CLOSE_OF_DAY,
        closed_at=at,
    )


def _lost(plan: Plan, days: int, at: datetime) -> list[Installment]:
    """Return the installments of a locked plan; Conflict if it cannot be given up now."""
    rows = installments_of(plan)
    if plan.status != PlanStatus.ACTIVE:
        raise Conflict(Sentence("This plan is %(status)s.", status=status_word(plan.status)), code="plans.not_active")
    if days and not is_long_late(plan, rows, days=days, at=at):
        raise Conflict(Sentence("No payment of this plan is late for %(days)s days.", days=days), code="plans.not_late_enough")
    if any(row.charge_id for row in rows):
        raise Conflict("A payment for this plan is under way. Wait for its answer.", code="plans.payment_under_way")
    if is_being_disputed(plan.public_id):
        raise Conflict("A payment of this plan is disputed. Wait until the bank has decided.", code="plans.disputed")
    return rows


def _give_up(plan: Plan, rows: Iterable[Installment]) -> None:
    """Mark everything open as late and never charged by workers; end a stop of the plan, so that the person may pay."""
    save_installments(_close_rows(rows))
    plan.charge_off()
    plan.stopped_at = None
    plan.save(update_fields=["status", "stopped_at"])


def _close_rows(rows: Iterable[Installment]) -> list[Installment]:
    """Mark open installments as late and never charged by workers; return them, to be saved."""
    opened = [row for row in rows if row.status in Installment.OPEN]
    for row in opened:
        if row.status in INSTALLMENT_IN_TIME:
            row.become_overdue()
        row.next_attempt_at, row.carried_at = None, None
    return opened


def came_by(plan: Plan, free: FreePayment | None) -> datetime | None:
    """Return by when the money of a free payment had come: the end of the day as of which it pays; None without one."""
    return day_begins(free.value_on + timedelta(days=1), plan.time_zone) if free is not None else None


def correct_loss(*, plan: Plan, before: Owed, after: Owed, source: str, at: datetime, came: datetime | None = None) -> None:
    """Correct the loss of a locked plan after its open amount changed; does nothing for a plan that is not given up.

    `source` is the cause of the change: a charge, a shop's refund, or a turn; of a turn, `came` is when its money first came. Call it
    before the plan's status changes.
    """
    principal, interest = before.principal_minor - after.principal_minor, before.interest_minor - after.interest_minor
    if not plan.is_charged_off:
        return
    # Fees are sold with the debt.
    fees = before.fees_minor - after.fees_minor
    pass_on(plan=plan, amount_minor=principal + interest + fees, source=source, at=at, came=came)
    if not (principal or interest):
        return
    charge_off = ChargeOff.objects.filter(plan=plan, status=ChargeOffStatus.CONFIRMED).latest("id")
    if principal + interest > 0:
        turns.recovered([_posting(plan, charge_off, source, principal, interest, at)])
    else:
        turns.charged_off([_posting(plan, charge_off, source, -principal, -interest, at)])


def was_given_up(plan: Plan) -> bool:
    """Return whether a plan was ever given up."""
    return ChargeOff.objects.filter(plan=plan, status=ChargeOffStatus.CONFIRMED).exists()


def _posting(plan: Plan, charge_off: ChargeOff, source: str, principal: int, interest: int, at: datetime) -> turns.LossPosting:
    return turns.LossPosting(source, plan.public_id, charge_off.public_id, plan.currency, principal, interest, at)
