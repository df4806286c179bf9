"""Consequences of a reversed payment: it is owed again, and retried by the retry table."""

import uuid
from datetime import datetime
from typing import Any

from collection import rules
from collection.queries import list_tries, list_usable_methods
from collection.services.settling import reopen_settlement
from core.db import unit
from core.ids import parse_id
from payments import services as payments
from payments.models import Charge
from payments.outside import AGENCY_GAVE_BACK, ENTERED_WRONGLY
from payments.services.disputes import DISPUTED
from plans import services as plans
from plans.models import Plan
from plans.queries import lock_plan


def take_reversal(*, charge_id: uuid.UUID, amount_minor: int, failure: str, source: str, at: datetime) -> None:
    """Make the installments of a charge owed again, and plan a retry if the bank returned it; after a lost dispute an operator decides.

    A closed bank account is not tried again. A receipt that was entered wrongly, or what an agency gave back, had paid a plan that was
    given up: it is given up again.
    Of a plan that was settled for less, what fell away is owed again too. Runs in the transaction that records the turn.
    """
    with unit():
        charge = Charge.objects.get(id=charge_id)
        wrong = failure in {ENTERED_WRONGLY, AGENCY_GAVE_BACK}
        next_at = at + rules.DAILY if wrong else None if failure == DISPUTED else _next_attempt(charge, failure, at)
        # What then is taken back, is taken back of a plan on which all of it is owed.
        reopen_settlement(plan_id=parse_id(Plan.PREFIX, charge.reference), next_at=next_at, at=at, given_up=wrong)
        told: dict[str, Any] = {"amount_minor": amount_minor, "failure": failure, "source": source, "given_up": wrong}
        plans.owe_again(charge_id=charge_id, next_at=next_at, at=at, **told)


def _next_attempt(charge: Charge, failure: str, at: datetime) -> datetime | None:
    """Return when a payment that the bank returned is retried, as if it had failed now; None if no method is left."""
    plan = lock_plan(parse_id(Plan.PREFIX, charge.reference))
    if plan.settling_until is not None:
        return None
    usable = list_usable_methods([plan.consumer_id]).get(plan.consumer_id, [])
    verdict = rules.judge(
        failure=failure,
        method=charge.payment_method_id,
        usable=[method.id for method in sorted(usable, key=lambda method: method.id != plan.payment_method_id)],
        tries={charge.payment_method_id: 1, **list_tries([plan.id]).since(plan.id, at.date())},
        at=at,
        zone=plan.time_zone,
    )
    if verdict.blocks:
        payments.block_methods(method_ids={charge.payment_method_id}, at=at)
    # The person is notified before another method is tried.
    return verdict.next_attempt_at or (at + rules.DAILY if verdict.action == "retry" else None)
