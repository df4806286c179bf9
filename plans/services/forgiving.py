"""Let the rest of a plan go after its person paid what was agreed on, and take that back.

The principal that falls away is a loss (`bad_debt` of the `Forgiven`), interest was never earned, and fees are waived. Of a plan that was
given up, the loss moves from its charge-off. The plan is completed, and the limit is free again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from django.utils import translation

from core.clock import local_date
from core.db import unit
from core.errors import Conflict
from core.locales import page_locale
from core.unreadable import Unreadable
from credit import services as credit
from ledger import turns
from plans.documents.reading import Paper, order_of
from plans.documents.settlement import Settled, write_settlement
from plans.fees import charged_fees
from plans.models import Allocation, Fee, FeePayment, Forgiven, FreePayment, Installment, Plan
from plans.queries import by_date, installments_of
from plans.services.completing import complete_if_paid
from plans.services.creation import record_change, snapshot
from plans.services.fees import end_fees
from plans.services.giving_up import Owed, correct_loss
from plans.services.reversals import amounts_of, restate
from plans.services.saving import save_installments
from plans.states import PLAN_OWED, FeeStatus, PlanStatus

SETTLED, UNSETTLED, LET_GO = "settled", "unsettled", "let_go"
"""The kinds of versions of a schedule of which the rest fell away, of which it is owed again, and of which nothing more was owed."""
WAIVED = "paid as agreed on instead of all of it"
DISPUTED = "not owed, as the person said"


def forgive_rest(*, plan: Plan, reference: str, paid_minor: int, at: datetime, disputed: bool = False) -> Forgiven:
    """Let all that is open of a locked plan fall away, and complete it; what is paid stays paid, paid parts of open fees as well.

    `paid_minor` is what was paid as agreed on, for the letter of settlement; `disputed`: the person was right that they owe nothing more,
    which no payment that is taken back changes. Conflict while a payment is under way, and if nothing is owed
    of it or it is sold.
    """
    with unit():
        plan.refuse_sold()
        rows = installments_of(plan)
        if plan.status not in PLAN_OWED or any(row.charge_id for row in rows):
            raise Conflict("Nothing of this plan can be let go now.", code="plans.not_forgivable")
        before, owed = snapshot(rows), Owed.on(rows)
        _pay_price_instead(plan, rows, at)
        left, waived = Owed.on(rows), _waive(plan, rows, DISPUTED if disputed else WAIVED, at)
        opened = [row for row in rows if row.status in Installment.OPEN]
        told = {
            str(row.number): [row.principal_minor - row.paid_principal_minor, row.interest_minor - row.paid_interest_minor]
            for row in opened
        }
        for row in opened:
            row.keep_paid(at)
        save_installments(opened)
        forgiven = left.amount_minor + waived
        made = Forgiven.objects.create(
            consumer=plan.consumer,
            plan=plan,
            reference=reference,
            given_up=plan.is_charged_off,
            principal_minor=left.principal_minor,
            interest_minor=left.interest_minor,
            fees_minor=waived,
            rows=told,
            paper=asdict(_paper(plan, paid_minor, forgiven, at, disputed=disputed)),
            at=at,
        )
        correct_loss(plan=plan, before=owed, after=Owed.on(rows), source=made.public_id, at=at)
        turns.charged_off([_posting(made, made.public_id, left.principal_minor, left.interest_minor, at)])
        if left.principal_minor:
            credit.release(consumer_id=plan.consumer_id, currency=plan.currency, amount_minor=left.principal_minor, at=at)
        record_change(
            plan=plan, kind=LET_GO if disputed else SETTLED, reference=reference, before=before, after=snapshot(rows), actor="", at=at
        )
        complete_if_paid(plan=plan, rows=rows, at=at, by="settlement")
    return made


def _paper(plan: Plan, paid_minor: int, forgiven_minor: int, at: datetime, *, disputed: bool) -> Paper:
    """Write the letter of settlement in the person's language."""
    consumer = plan.consumer
    kept = {} if isinstance(plan.agreement, Unreadable) else plan.agreement
    with translation.override(consumer.language or translation.get_language()):
        told = Settled(
            day=local_date(at, plan.time_zone),
            locale=page_locale(consumer.locale),
            lender=kept.get("lender") or {},
            borrower=consumer.name or consumer.public_id,
            order=order_of(kept, plan.reference),
            currency=plan.currency,
            paid_minor=paid_minor,
            forgiven_minor=forgiven_minor,
            disputed=disputed,
        )
        return write_settlement(told, at)


def _waive(plan: Plan, rows: Sequence[Installment], reason: str, at: datetime) -> int:
    """Waive the fees with something open, and return what was open of them."""
    fees = [fee for mine in charged_fees(rows).values() for fee in mine if fee.open_minor]
    minor = sum(fee.open_minor for fee in fees)
    if fees:
        end_fees(plan=plan, rows=rows, fees=fees, status=FeeStatus.FORGIVEN, reason=reason, actor="", at=at)
    return minor


def _pay_price_instead(plan: Plan, rows: Sequence[Installment], at: datetime) -> None:
    """Let what free payments paid of fees that are to be waived pay the price instead, so that nothing of them goes back."""
    fees = {fee.id: fee for mine in charged_fees(rows).values() for fee in mine if fee.open_minor and fee.paid_minor}
    paid = [one for one in FeePayment.objects.filter(fee__in=fees).order_by("id") if one.standing_minor] if fees else []
    free = set(FreePayment.objects.filter(charge__in=[one.charge_id for one in paid]).values_list("charge_id", flat=True))
    by_key, moved = {row.id: row for row in rows}, 0
    for one in (one for one in paid if one.charge_id in free):
        fee = fees[one.fee_id]
        taken = _give_price(one, rows, at)
        one.amount_minor -= taken
        fee.paid_minor -= taken
        by_key[fee.installment_id].paid_fees_minor -= taken
        moved += taken
    if not moved:
        return
    FeePayment.objects.bulk_update(paid, ["amount_minor"])
    Fee.objects.bulk_update(fees.values(), ["paid_minor"])
    save_installments(rows)
    source = f"{plan.public_id}:{at.isoformat()}"
    turns.reallocated([turns.ReallocatedPosting(source, plan.public_id, plan.currency, 0, at, -moved)])
    credit.release(consumer_id=plan.consumer_id, currency=plan.currency, amount_minor=moved, at=at)


def _give_price(one: FeePayment, rows: Sequence[Installment], at: datetime) -> int:
    """Let what a charge pays of a fee pay open principal, the oldest first; return how much of it did."""
    left = one.standing_minor
    for row in by_date(row for row in rows if row.status in Installment.OPEN):
        taken = min(left, row.principal_minor - row.paid_principal_minor)
        if not taken:
            continue
        told = {"principal_minor": 0, "interest_minor": 0, "at": one.at}
        part, _ = Allocation.objects.get_or_create(installment=row, charge_id=one.charge_id, defaults=told)
        part.principal_minor += taken
        part.save(update_fields=["principal_minor"])
        row.paid_principal_minor += taken
        left -= taken
    return one.standing_minor - left


def owe_forgiven(*, plan: Plan, next_at: datetime | None, at: datetime, given_up: bool = False) -> bool:
    """Let what fell away of a locked plan be owed again, since a payment of it was taken back; workers try it at `next_at`.

    With `given_up`, a plan that was given up before is given up again. Waived fees stay waived. Returns False if nothing fell away.
    """
    with unit():
        made = Forgiven.objects.filter(plan=plan, undone_at=None).first()
        if made is None:
            return False
        rows = installments_of(plan)
        before, owed, opened = snapshot(rows), Owed.on(rows), amounts_of(rows)
        if plan.status == PlanStatus.COMPLETED:
            plan.activate()
            plan.save(update_fields=["status"])
            if given_up and made.given_up:
                plan.charge_off()
                plan.save(update_fields=["status"])
        next_at = None if plan.is_charged_off else next_at
        for row in rows:
            row.principal_minor += made.left_of(row.number)
            row.interest_minor += made.interest_left_of(row.number)
        save_installments(restate(plan, rows, opened, at=at, next_at=next_at))
        made.undone_at = at
        made.save(update_fields=["undone_at"])
        interest = sum(made.interest_left_of(row.number) for row in rows)
        turns.recovered([_posting(made, f"{made.public_id}:undone", made.lost_minor, interest, at)])
        correct_loss(plan=plan, before=owed, after=Owed.on(rows), source=f"{made.public_id}:undone", at=at)
        credit.owe_again(consumer_id=plan.consumer_id, currency=plan.currency, amount_minor=made.lost_minor, at=at)
        record_change(plan=plan, kind=UNSETTLED, reference=made.reference, before=before, after=snapshot(rows), actor="", at=at)
    return True


def return_forgiven(made: Forgiven, taken: Mapping[int, int], *, source: str, at: datetime) -> None:
    """Let a shop's refund take principal that fell away, by the number of its installment: it is no loss any more."""
    for number, minor in taken.items():
        made.returned[str(number)] = int(made.returned.get(str(number), 0)) + minor
    made.save(update_fields=["returned"])
    turns.recovered([_posting(made, source, sum(taken.values()), 0, at)])


def _posting(made: Forgiven, source: str, principal: int, interest: int, at: datetime) -> turns.LossPosting:
    plan = made.plan
    return turns.LossPosting(source, plan.public_id, made.public_id, plan.currency, principal, interest, at)
