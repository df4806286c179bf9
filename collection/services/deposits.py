"""Deposits: workers charge them before their holds lapse, people pay those that failed, and failures say what follows."""

import uuid
from datetime import datetime

from accounts.models import Consumer
from collection import rules
from collection.services.paying import pay_once
from core.db import unit
from core.idempotency import Once
from payments import services as payments
from payments.errors import MethodNotUsable
from payments.gateways.base import ChargeRequest
from payments.models import Charge, MethodKind, PaymentMethod
from payments.queries import is_removed
from payments.services import NOBODY, Asker
from plans import services as plans
from plans.models import Deposit, Plan, Standstill
from plans.queries import lock_plan
from plans.services import DepositFailure

CHUNK = 200


def charge_deposits(*, at: datetime) -> int:
    """Charge the deposits whose holds are about to lapse, and those that failed and are tried again; a timer. Return how many.

    Safe to repeat, to run in many workers at once, to run late, and to kill at any point: each deposit is claimed for one charge.
    """
    due = Deposit.objects.filter(charge_id=None, ended_at=None, next_attempt_at__lte=at, plan__stopped_at=None)
    due = due.exclude(plan__consumer__standstills__in=Standstill.objects.filter(ended_at=None))
    plan_ids = list(due.order_by("next_attempt_at", "id").values_list("plan_id", flat=True))
    made = 0
    for begin in range(0, len(plan_ids), CHUNK):
        requests = [request for plan_id in plan_ids[begin : begin + CHUNK] if (request := _claim(plan_id, at))]
        payments.run_charges(requests=requests, at=at)
        made += len(requests)
    return made


def _claim(plan_id: uuid.UUID, at: datetime) -> ChargeRequest | None:
    with unit():
        return plans.claim_deposit(plan_id=plan_id, at=at)


def take_deposit_failure(*, charge: Charge, plan: Plan, at: datetime) -> bool:
    """Release the deposit that a failed charge was for, and plan its next attempt; return whether the card must not be charged again.

    A card without money is tried again after 1, 3 and 5 days, one that could not be asked within the hour; any other waits for the person.
    Runs in the transaction that records the charge, with the plan locked.
    """
    attempts = Deposit.objects.values_list("attempts", flat=True).get(charge_id=charge.id) + 1
    kind = rules.classify(charge.failure)
    blocks = kind in {rules.DeclineClass.HARD, rules.DeclineClass.AUTHENTICATION}
    lasting = blocks or kind is rules.DeclineClass.TOO_SMALL or (kind is rules.DeclineClass.FUNDS and attempts > len(rules.FUNDS_DAYS))
    next_at = None if lasting else rules.next_attempt(kind=kind, tries=attempts, at=at, zone=plan.time_zone)
    plans.fail_deposit(failure=DepositFailure(charge.id, charge.failure, next_at, as_planned=charge.on_session), at=at)
    return blocks and not charge.on_session


def pay_deposit(
    *,
    consumer: Consumer,
    plan: Plan,
    method: PaymentMethod,
    actor: str,
    at: datetime,
    once: Once | None = None,
    asker: Asker = NOBODY,
) -> Charge:
    """Charge the deposit of a plan, which could not be taken from the card that held it, to a card of its consumer's choice.

    The charge is succeeded, failed (with `action_url` if the person has to confirm at the bank), or unknown (then it is settled soon). A
    repeated request with the same `once` returns the first charge. NotFound for another consumer's plan or method; NothingToPay if there
    is no deposit to pay or it is being paid; MethodNotUsable for a bank account, whose debit would take days; TooMany as `pay_now`.
    """

    def claim() -> ChargeRequest:
        if method.kind != MethodKind.CARD:
            raise MethodNotUsable("A deposit is paid by card. Choose a card.")
        locked = lock_plan(plan.id)
        if is_removed(method.id):
            raise MethodNotUsable("This card was removed. Choose another one.")
        return plans.claim_deposit_now(plan=locked, method=method, actor=actor, at=at)

    return pay_once(consumer=consumer, plan=plan, method=method, claim=claim, once=once, asker=asker, at=at)
