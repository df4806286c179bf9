"""Consequences of failed charges: the installments are released, the method may be blocked, and the person is told."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from collection import rules
from collection.queries import Tries, list_tries, list_usable_methods
from collection.services.deposits import take_deposit_failure
from core.clock import day_begins
from core.db import unit
from core.ids import parse_id
from core.outbox import append_all
from payments import services as payments
from payments.models import Charge, MethodKind, PaymentMethod
from plans import services as plans
from plans.events import PaymentFailed
from plans.models import Deposit, Installment, Plan
from plans.queries import lock_plans

CONFIRM_WITHIN = timedelta(hours=1)
"""How long workers do not retry a payment that the person may be confirming."""


@dataclass(slots=True)
class _Found:
    """The rows behind the failed charges of one batch, read with a fixed number of queries."""

    plans: dict[uuid.UUID, Plan]
    installments: dict[uuid.UUID, list[Installment]]
    methods: dict[uuid.UUID, list[PaymentMethod]]
    tries: Tries
    deposits: set[uuid.UUID]


@dataclass(slots=True)
class _Consequences:
    releases: list[plans.Failure] = field(default_factory=list)
    blocked: set[uuid.UUID] = field(default_factory=set)
    events: list[PaymentFailed] = field(default_factory=list)
    small: list[uuid.UUID] = field(default_factory=list)


def take_failures(*, charge_ids: Sequence[uuid.UUID], settled_ids: Collection[uuid.UUID], at: datetime) -> None:
    """Release the installments of failed charges and set their next attempt by the retry table.

    Runs in the transaction that records the charges. Locks the plans of all charges of the batch at once, in the order of their keys, those
    in `settled_ids` too, so that two recorders do not deadlock.
    """
    with unit():
        charges = {
            charge.id: charge for charge in Charge.objects.filter(id__in=[*charge_ids, *settled_ids]).select_related("payment_method")
        }
        locked = lock_plans({parse_id("pln", charge.reference) for charge in charges.values()})
        failed = [charges[pk] for pk in charge_ids]
        found = _read(failed, {plan.id: plan for plan in locked})
        results = _Consequences()
        for charge in failed:
            _take_one(charge, found, results, at)
        if results.blocked:
            payments.block_methods(method_ids=results.blocked, at=at)
        plans.release_claims(failures=results.releases, at=at)
        plans.hold_back(installment_ids=results.small, at=at)
        append_all(results.events, at=at)


def _read(charges: Sequence[Charge], locked: dict[uuid.UUID, Plan]) -> _Found:
    installments: dict[uuid.UUID, list[Installment]] = defaultdict(list)
    for row in Installment.objects.filter(charge_id__in=[charge.id for charge in charges]).order_by("number"):
        if row.charge_id is not None:
            installments[row.charge_id].append(row)
    plan_ids = {parse_id("pln", charge.reference) for charge in charges}
    methods = list_usable_methods({locked[plan_id].consumer_id for plan_id in plan_ids})
    deposits = set(Deposit.objects.filter(charge_id__in=[charge.id for charge in charges]).values_list("charge_id", flat=True))
    return _Found(locked, installments, methods, list_tries(plan_ids), {key for key in deposits if key})


def _take_one(charge: Charge, found: _Found, results: _Consequences, at: datetime) -> None:
    if charge.id in found.deposits:
        if take_deposit_failure(charge=charge, plan=found.plans[parse_id("pln", charge.reference)], at=at):
            results.blocked.add(charge.payment_method_id)
        return
    claimed = found.installments.get(charge.id, [])
    if not claimed:
        return
    plan = found.plans[parse_id("pln", charge.reference)]
    # A bank debit fails days later, when the person is no longer present.
    is_present = charge.on_session and charge.payment_method.kind != MethodKind.BANK_DEBIT
    if is_present:
        # Workers keep their plan, but do not retry while the person may be confirming.
        until = at + CONFIRM_WITHIN if charge.action_url else None
        results.releases.append(plans.Failure(charge.id, charge.failure, until, as_planned=True))
        return
    if rules.classify(charge.failure) is rules.DeclineClass.TOO_SMALL:
        results.releases.append(plans.Failure(charge.id, charge.failure, None))
        results.small += [row.id for row in claimed]
        return
    due_date = min(row.due_date for row in claimed)
    failed = found.tries.since(plan.id, due_date)
    # Another payment of the plan may have been tried meanwhile: only the failures of this one count.
    most = max(row.attempts for row in claimed) + 1
    own = sorted(found.methods.get(plan.consumer_id, []), key=lambda method: method.id != plan.payment_method_id)
    verdict = rules.judge(
        failure=charge.failure,
        method=charge.payment_method_id,
        usable=[method.id for method in own],
        tries={method: min(times, most) for method, times in failed.items()},
        at=at,
        zone=plan.time_zone,
    )
    if verdict.blocks:
        results.blocked.add(charge.payment_method_id)
    # What is being settled for less, workers leave alone.
    again = None if plan.settling_until else verdict.next_attempt_at or (at if verdict.action == "retry" else None)
    if again is not None:
        # A bank debit that the person asked for may fail before the due date.
        again = max(again, day_begins(due_date, plan.time_zone))
    results.releases.append(plans.Failure(charge.id, charge.failure, again))
    results.events.append(
        PaymentFailed(
            plan=plan.public_id,
            reference=plan.reference,
            installments=[row.number for row in claimed],
            charge=charge.public_id,
            failure=charge.failure,
            action=verdict.action,
            next_attempt_at=again.isoformat() if again and verdict.next_attempt_at else "",
        )
    )
