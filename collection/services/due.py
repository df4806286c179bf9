"""The due run: claims due installments, charges them with many calls in flight, and records the answers.

A claim commits the charge with its key, and `charge_id` in the installment, which keeps other processes from the installment. If a process
dies afterwards, the charge stays and is settled under the same key. Every chunk takes the same number of statements.
"""

import time
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from collection.queries import Wanted, choose_methods
from collection.services.balances import without_bounces
from core.db import rows, unit
from core.giving_way import give_way
from core.ids import public_id, uuid7
from core.states import words
from payments import services as payments
from payments.gateways.base import ChargeRequest
from payments.queries import smallest_charge
from payments.speaking import speaker_of
from payments.states import MovementStatus
from plans import services as plans
from plans.rules.small import gather
from plans.standstill import MOVES
from plans.states import INSTALLMENT_OPEN, PlanStatus

CHUNK = 500
RUN_S = 240.0
"""The longest wall time of a run, in seconds; the next run does the rest, so that other timers can run."""

GIVEN_WAY = 3.0
"""After a chunk, the run waits for work that people wait for, at most this many times the chunk's wall time, so it keeps a quarter of the
time."""

Place = tuple[datetime, str]
START: Place = (datetime(1970, 1, 1, tzinfo=UTC), str(uuid.UUID(int=0)))


@dataclass(slots=True)
class Due:
    """An installment to charge: its open amount, its plan's own method, and its hold, if there is one.

    `carried` are installments too small to be charged that wait for this one; `carried_minor` is their open amount.
    """

    id: str
    next_attempt_at: datetime
    due_date: date
    attempts: int
    open_minor: int
    plan_id: uuid.UUID
    currency: str
    consumer_id: uuid.UUID
    method_id: uuid.UUID
    gateway: str
    token: str
    kind: str
    usable: bool
    authorization_id: uuid.UUID | None
    authorization_ref: str | None
    carried: list[str]
    carried_minor: int
    brand: str


# The plan is locked too: code that changes a plan's installments holds the plan's lock, and must not overwrite a claim. Installments that
# wait for a later time or another event are not in the index that this query reads. The query also checks the due date, so that a wrong
# time in the index never charges early.
_DUE = f"""
    WITH due AS (
        SELECT i.id, i.next_attempt_at, i.due_date, i.number, i.attempts, p.id AS plan_id, p.currency, p.consumer_id, p.payment_method_id,
            i.principal_minor + i.interest_minor + i.fees_minor - i.paid_principal_minor - i.paid_interest_minor - i.paid_fees_minor
                AS open_minor
        FROM plans_installment i JOIN plans_plan p ON p.id = i.plan_id
        WHERE i.status IN ({words(INSTALLMENT_OPEN)}) AND i.charge_id IS NULL
            AND i.next_attempt_at <= %(at)s AND (i.next_attempt_at, i.id) > (%(after_moment)s, %(after_id)s::uuid)
            AND i.due_date <= (%(at)s AT TIME ZONE p.time_zone)::date
            AND p.status = '{PlanStatus.ACTIVE}' AND p.stopped_at IS NULL AND {MOVES}
            AND (%(plan)s::uuid IS NULL OR p.id = %(plan)s::uuid)
        ORDER BY i.next_attempt_at, i.id LIMIT %(limit)s FOR NO KEY UPDATE OF i, p SKIP LOCKED)
    SELECT due.id::text, due.next_attempt_at, due.due_date, due.attempts, due.open_minor, due.plan_id, due.currency, due.consumer_id,
        m.id, m.gateway, m.token, m.kind,
        m.removed_at IS NULL AND m.blocked_at IS NULL, a.id, a.gateway_ref, coalesce(w.ids, '{{}}'), coalesce(w.minor, 0)::bigint,
        k.brand_id
    FROM due JOIN payments_paymentmethod m ON m.id = due.payment_method_id
    JOIN accounts_consumer k ON k.id = due.consumer_id
    LEFT JOIN checkout_order o ON due.number = 1 AND o.plan_id = due.plan_id
    LEFT JOIN payments_authorization a ON a.id = o.authorization_id AND a.payment_method_id = m.id
        AND a.status = '{MovementStatus.SUCCEEDED}' AND a.used_at IS NULL AND a.released_at IS NULL AND a.release_wanted_at IS NULL
        AND a.amount_minor >= due.open_minor
    LEFT JOIN LATERAL (
        SELECT array_agg(c.id::text) AS ids,
            sum(c.principal_minor + c.interest_minor + c.fees_minor - c.paid_principal_minor - c.paid_interest_minor - c.paid_fees_minor)
                AS minor
        FROM plans_installment c WHERE c.plan_id = due.plan_id AND c.carried_at IS NOT NULL
            AND c.status IN ({words(INSTALLMENT_OPEN)}) AND c.charge_id IS NULL) w ON true
    ORDER BY due.next_attempt_at, due.id"""  # noqa: S608


def run_due(*, at: datetime) -> int:
    """Charge all installments that are due in their consumer's time zone; return how many charges were made. Run by a timer.

    Safe to repeat, to run in many workers at once, to run late, and to kill at any point.
    """
    made, after, until = 0, START, time.monotonic() + RUN_S
    while (began := time.monotonic()) < until:
        requests, found, after = claim_due(at=at, after=after)
        payments.run_charges(requests=without_bounces(requests=requests, at=at), at=at)
        made += len(requests)
        if found < CHUNK:
            break
        give_way(GIVEN_WAY * (time.monotonic() - began))
    return made


def charge_plan_now(*, plan_id: uuid.UUID, at: datetime) -> int:
    """Charge the due installments of one plan, so that the first payment does not wait for the timer; return how many."""
    requests, _, _ = claim_due(at=at, plan_id=plan_id)
    payments.run_charges(requests=requests, at=at)
    return len(requests)


def claim_due(*, at: datetime, after: Place = START, plan_id: uuid.UUID | None = None) -> tuple[list[ChargeRequest], int, Place]:
    """Claim up to 500 due installments past a place in their order, in one commit.

    Pauses installments of consumers without a chargeable card; makes those too small to be charged wait for their plan's next payment.
    Returns the charges to send, the number of installments read, and the place to continue from.
    """
    params = {
        "at": at,
        "after_moment": after[0],
        "after_id": after[1],
        "plan": str(plan_id) if plan_id else None,
        "limit": CHUNK,
    }
    with unit():
        found = [Due(*row) for row in rows(_DUE, params)]
        charged, small = _sized(_with_methods(found))
        requests = _requests(charged)
        plans.leave_alone(installment_ids=[due.id for due in found if not due.usable], at=at)
        plans.hold_back(installment_ids=[uuid.UUID(due.id) for due in small], at=at)
        payments.open_charges(requests=[request for _, request in requests], at=at)
        plans.claim(charges=[(installment, request.id) for due, request in requests for installment in (due.id, *due.carried)])
    last = (found[-1].next_attempt_at, found[-1].id) if found else after
    return [request for _, request in requests], len(found), last


def _with_methods(found: Sequence[Due]) -> list[Due]:
    """Return the chargeable installments with a method each: first the plan's own; at a retry, the one that failed least."""
    retried = [due for due in found if due.attempts or not due.usable]
    if not retried:
        return list(found)
    wanted = [Wanted(due.plan_id, due.consumer_id, due.method_id, due.due_date) for due in retried]
    for due, method in zip(retried, choose_methods(wanted), strict=True):
        due.usable = method is not None
        if method is not None and method.id != due.method_id:
            due.method_id, due.gateway, due.token, due.kind = method.id, method.gateway, method.token, method.kind
            due.authorization_id = None
    return [due for due in found if due.usable]


def _sized(found: Sequence[Due]) -> tuple[list[Due], list[Due]]:
    """Return the installments to charge, each with those that wait for it, and the ones that are still too small with those."""
    by_plan: dict[uuid.UUID, list[Due]] = defaultdict(list)
    for due in found:
        by_plan[due.plan_id].append(due)
    takers: set[str] = set()
    small: list[Due] = []
    for mine in by_plan.values():
        charges, left = gather(
            [(due.open_minor, smallest_charge(due.gateway, due.currency)) for due in mine], waiting_minor=mine[0].carried_minor
        )
        for number, places in enumerate(charges):
            due, before = mine[places[-1]], [mine[place] for place in places[:-1]]
            _take_with(due, before, first=not number)
            takers.add(due.id)
        small += [mine[place] for place in left]
    return [due for due in found if due.id in takers], small


def _take_with(due: Due, before: Sequence[Due], *, first: bool) -> None:
    """Add earlier installments that are too small to an installment's charge; those that waited already go into the plan's first charge."""
    carried, minor = (due.carried, due.carried_minor) if first else ([], 0)
    due.carried, due.carried_minor = [*carried, *(one.id for one in before)], minor + sum(one.open_minor for one in before)
    if due.carried:
        due.authorization_id = None


def _requests(found: Sequence[Due]) -> list[tuple[Due, ChargeRequest]]:
    return [
        (
            due,
            ChargeRequest(
                id=uuid7(),
                gateway=due.gateway,
                token=due.token,
                payment_method_id=due.method_id,
                reference=public_id("pln", due.plan_id),
                amount_minor=due.open_minor + due.carried_minor,
                currency=due.currency,
                authorization_id=due.authorization_id,
                authorization_ref=(due.authorization_ref or "") if due.authorization_id else "",
                kind=due.kind,
                speaker=speaker_of(due.brand),
            ),
        )
        for due in found
    ]
