"""Steps that all kinds of movements share: claim open ones, ask the gateway again, and record the answers.

Every function takes the model (charge, refund, payout, authorization) and works on sets: the number of statements does not grow with the
movements.
"""

import logging
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, Generic, Protocol, TypeVar

from core.arrays import plain_array, text_array
from core.db import execute, rows, unit
from core.states import words
from payments.gateways.base import UNKNOWN, Outcome, Status
from payments.models import Charge, Movement, Payout, Refund
from payments.queries import UNDISPUTED
from payments.services.breaks import BreakDraft, open_breaks
from payments.services.calls import LEASE_S, Request, guarded, in_flight
from payments.silence import count_by_hand, list_by_hand
from payments.states import MOVEMENT, MOVEMENT_OPEN, MOVEMENT_UNENDED, MovementStatus

log = logging.getLogger("bnpl.payments")
CHUNK = 500
SETTLE_S = 60.0


class Movable(Request, Protocol):
    """A request to move an amount at a gateway; `reference` is what it is for."""

    @property
    def gateway(self) -> str: ...

    @property
    def reference(self) -> str: ...

    @property
    def amount_minor(self) -> int: ...

    @property
    def currency(self) -> str: ...


R = TypeVar("R", bound=Movable)
Answer = tuple[R, Outcome]


@dataclass(frozen=True, slots=True)
class Changed:
    """The movements that a batch of answers settled."""

    succeeded: list[uuid.UUID]
    failed: list[uuid.UUID]

    def __len__(self) -> int:
        return len(self.succeeded) + len(self.failed)


@dataclass(frozen=True, slots=True)
class Kind(Generic[R]):
    """The functions that request, look up and record one kind of movement.

    `reverse` reverses a movement that had succeeded; `confirm` records as made what two people had closed as not made.
    """

    model: type[Movement]
    load: Callable[[Sequence[uuid.UUID]], list[R]]
    ask: Callable[[R], Outcome]
    find: Callable[[R], Outcome | None]
    record: Callable[[Sequence[Answer[R]], datetime], int]
    reverse: Callable[..., int] | None = None
    confirm: Callable[[R, Outcome, datetime], None] | None = None


def _table(model: type[Movement]) -> str:
    return model._meta.db_table


LOOKS_S = (2, 3, 5, 8, 13, 20, 30, 60, 120, 300, 600)
"""Seconds until the next look-up of a movement without an answer, by the number of tries so far."""
LOOK_HOURS = 6
"""Hours, in the product's time, between two look-ups of a charge under way: its gateway also reports the end by an event."""

# Rows are locked in the order of their keys, so that two recorders of the same movements cannot deadlock. A movement under way stays so if
# a look-up brings no answer.
_STILL = f"a.status = '{MovementStatus.UNKNOWN}' AND m.status = '{MovementStatus.UNDER_WAY}'"
_NEXT_LOOK = f""",
        next_look_at = CASE WHEN a.status = '{MovementStatus.UNDER_WAY}' OR {_STILL}
            THEN %(at)s::timestamptz + interval '{LOOK_HOURS} hours' END"""
_WRITE = f"""
    WITH answer AS (
        SELECT * FROM unnest(%(ids)s::uuid[], %(statuses)s::text[], %(refs)s::text[], %(failures)s::text[]) AS a(id, status, ref, failure)),
    held AS (
        SELECT m.id FROM {{table}} m JOIN answer a ON a.id = m.id WHERE m.status IN ({words(MOVEMENT_UNENDED)})
        ORDER BY m.id FOR UPDATE OF m)
    UPDATE {{table}} m SET failure = a.failure, tries = m.tries + 1,
        status = CASE WHEN {_STILL} THEN m.status ELSE a.status END,
        gateway_ref = CASE WHEN a.ref = '' THEN m.gateway_ref ELSE a.ref END,
        settled_at = CASE WHEN a.status NOT IN ({words(MOVEMENT_UNENDED)}) THEN %(at)s END,
        claimed_until = CASE WHEN a.status = '{MovementStatus.UNKNOWN}' AND m.status <> '{MovementStatus.UNDER_WAY}'
            THEN now() + make_interval(secs => ({{waits}})[least(m.tries + 1, {{most}})]) END{{more}}
    FROM answer a JOIN held h ON h.id = a.id WHERE m.id = a.id RETURNING m.id::text, m.status"""  # noqa: S608


@cache
def _write(model: type[Movement]) -> str:
    more = _NEXT_LOOK if model is Charge else ""
    return _WRITE.format(table=_table(model), waits=f"ARRAY{list(LOOKS_S)}", most=len(LOOKS_S), more=more)


def write_answers(
    model: type[Movement], answers: Sequence[Answer[R]], at: datetime, *, confirm: Callable[[R, Outcome, datetime], None] | None = None
) -> Changed:
    """Write answers to the movements that have not ended, in one statement, and return those that it settled.

    An unknown answer keeps the movement open and delays the next look-up: 2 s, 3 s, ... 10 min. So does a success with another amount or
    currency than requested, which also opens a break. A charge that is `under_way` is looked up again after some hours. An answer that
    contradicts what two people recorded opens a break; a success that they denied goes to `confirm`, if there is one.
    """
    odd = [(request, outcome) for request, outcome in answers if not fits(request, outcome)]
    if odd:
        open_breaks(drafts=[differing(request, outcome) for request, outcome in odd], at=at)
    keys = {str(request.id): request.id for request, _ in answers}
    outcomes = [outcome if fits(request, outcome) else replace(UNKNOWN, ref=outcome.ref) for request, outcome in answers]
    params = {
        "ids": plain_array(str(request.id) for request, _ in answers),
        "statuses": text_array(outcome.status for outcome in outcomes),
        "refs": text_array(outcome.ref for outcome in outcomes),
        "failures": text_array(outcome.failure for outcome in outcomes),
        "at": at,
    }
    changed = rows(_write(model), params)
    written = {key for key, _ in changed}
    late = [(request, outcome) for (request, _), outcome in zip(answers, outcomes, strict=True) if str(request.id) not in written]
    _take_contradictions(model, late, at, confirm)
    return Changed(
        [keys[key] for key, status in changed if status == MovementStatus.SUCCEEDED],
        [keys[key] for key, status in changed if status == MovementStatus.FAILED],
    )


def _take_contradictions(
    model: type[Movement], late: Sequence[Answer[R]], at: datetime, confirm: Callable[[R, Outcome, datetime], None] | None
) -> None:
    """Confirm movements that two people had closed as not made, if `confirm` is given; open a break for each other contradiction."""
    told = [(request, outcome) for request, outcome in late if outcome.status in (Status.SUCCEEDED, Status.FAILED)]
    closed = list_by_hand([request.id for request, _ in told]) if told else set()
    if closed:
        ended = model.objects.filter(pk__in=closed, status=MovementStatus.SUCCEEDED)  # type: ignore[attr-defined]
        made = set(ended.values_list("pk", flat=True))
        for request, outcome in sorted(told, key=lambda answer: answer[0].id):
            if request.id in closed and (request.id in made) != (outcome.status == Status.SUCCEEDED):
                contradict(request, outcome, at, confirm)


def contradict(request: R, outcome: Outcome, at: datetime, confirm: Callable[[R, Outcome, datetime], None] | None) -> None:
    """Act on an answer that contradicts what two people recorded, in the caller's transaction."""
    if confirm is not None and outcome.status == Status.SUCCEEDED:
        confirm(request, outcome, at)
    else:
        open_breaks(drafts=[contradicting(request, outcome)], at=at)


def contradicting(request: Movable, outcome: Outcome, **more: Any) -> BreakDraft:
    """Return the draft of a break about an answer that contradicts what two people recorded; one for each time that they recorded it."""
    log.error("the gateway says otherwise than two people: %s", request.key)
    made = outcome.status == Status.SUCCEEDED
    draft = draft_of("contradicted", request, made=made, ref=outcome.ref, failure=outcome.failure, **more)
    return replace(draft, number=max(0, count_by_hand(request.id) - 1))


def fits(request: Movable, outcome: Outcome) -> bool:
    """Return whether an answer fits its request: a success must name exactly the requested amount and currency."""
    moved = (outcome.amount_minor, outcome.currency)
    return outcome.status != Status.SUCCEEDED or moved == (request.amount_minor, request.currency)


def differing(request: Movable, outcome: Outcome) -> BreakDraft:
    """Return the draft of a break about a success with another amount or currency than requested."""
    log.error("the gateway says to have moved something else: %s", request.key)
    answered = {"answered_minor": outcome.amount_minor, "answered_currency": outcome.currency, "ref": outcome.ref}
    return draft_of("answer_differs", request, **answered)


def draft_of(kind: str, request: Movable, **detail: Any) -> BreakDraft:
    """Return the draft of a break of a kind about a movement."""
    return BreakDraft(
        kind=kind,
        subject=request.key,
        reference=request.reference,
        gateway=request.gateway,
        amount_minor=request.amount_minor,
        currency=request.currency,
        detail=detail,
    )


_COME_BACK, _DONE = MOVEMENT.move("come_back", "m")
_REVERSE = f"""
    WITH held AS (SELECT m.id FROM {{table}} m WHERE m.id = ANY(%s::uuid[]) AND {_DONE} ORDER BY m.id FOR UPDATE)
    UPDATE {{table}} m SET {_COME_BACK}, failure = %s, settled_at = %s FROM held h WHERE m.id = h.id RETURNING m.id"""  # noqa: S608  (words of our own)


def reverse_movements(model: type[Movement], requests: Sequence[R], failure: str, at: datetime) -> list[uuid.UUID]:
    """Mark movements that had succeeded as reversed, in the caller's transaction; return the ids of those that were not marked before."""
    ids = plain_array(request.id for request in requests)
    return [row[0] for row in rows(_REVERSE.format(table=_table(model)), [ids, failure, at])]


def take_news(kind: Kind[R], request: R, outcome: Outcome, at: datetime) -> None:
    """Act on a new answer for a movement that had succeeded: reverse it if the money was returned, or open a break if the amount differs.

    If two people closed the movement as made and the gateway says that it was not, it is not reversed, but a break is opened.
    """
    if outcome.status == Status.FAILED and list_by_hand([request.id]):
        with unit():
            open_breaks(drafts=[contradicting(request, outcome)], at=at)
    elif outcome.status == Status.FAILED and kind.reverse is not None:
        kind.reverse(requests=[request], outcome=outcome, at=at)
    elif outcome.status == Status.FAILED or not fits(request, outcome):
        told = replace(outcome, amount_minor=0, currency=request.currency) if outcome.status == Status.FAILED else outcome
        with unit():
            open_breaks(drafts=[differing(request, told)], at=at)


def take_late_success(kind: Kind[R], request: R, outcome: Outcome, at: datetime) -> None:
    """Act on a gateway's report of success for a movement that had failed or had been reversed.

    A movement that two people had closed as not made is confirmed if possible. Otherwise a break is opened, since the steps taken after the
    failure may have moved the money a second time.
    """
    if outcome.status != Status.SUCCEEDED:
        return
    with unit():
        if fits(request, outcome) and list_by_hand([request.id]):
            contradict(request, outcome, at, kind.confirm)
        else:
            open_breaks(drafts=[differing(request, outcome)], at=at)


def confirm_movement(movement: Charge | Refund | Payout, outcome: Outcome, at: datetime) -> None:
    """Record that a failed movement was made after all, in the caller's transaction, which has locked it."""
    movement.confirm()
    movement.gateway_ref, movement.failure, movement.settled_at = outcome.ref or movement.gateway_ref, "", at
    movement.save(update_fields=["status", "gateway_ref", "failure", "settled_at"])


# MATERIALIZED: PostgreSQL may run a plain sub-query again for each row, and would then claim more rows than the limit.
_CLAIM = f"""
    WITH waiting AS MATERIALIZED (
        SELECT id FROM {{table}} WHERE status IN ({words(MOVEMENT_OPEN)}) AND (claimed_until IS NULL OR claimed_until <= now()){{more}}
        ORDER BY created_at LIMIT %s FOR UPDATE SKIP LOCKED)
    UPDATE {{table}} m SET claimed_until = now() + make_interval(secs => %s) FROM waiting WHERE m.id = waiting.id
    RETURNING m.id"""  # noqa: S608


def claim_open(model: type[Movement]) -> list[uuid.UUID]:
    """Claim up to 500 movements that wait for an answer and that no other process has claimed; a claim lasts one minute of wall time."""
    more = UNDISPUTED if model is Refund else ""
    return [row[0] for row in rows(_CLAIM.format(table=_table(model), more=more), [CHUNK, LEASE_S])]


_GIVE_BACK = f"UPDATE {{table}} SET claimed_until = now() WHERE id = ANY(%s::uuid[]) AND status IN ({words(MOVEMENT_UNENDED)})"  # noqa: S608


def give_back(model: type[Movement], requests: Collection[Movable], answered: Collection[uuid.UUID]) -> None:
    """Release the claims of movements that could not be requested in time, because earlier calls took too long."""
    left = [request.id for request in requests if request.id not in answered]
    if left:
        log.warning("%s calls could not be started in time", len(left))
        execute(_GIVE_BACK.format(table=_table(model)), [plain_array(left)])


def settle_open(kind: Kind[R], *, at: datetime, claim: Callable[[], list[uuid.UUID]] | None = None) -> int:
    """Settle movements that wait for an answer: look each up by its key, otherwise request it again with the same key. Return how many.

    `claim` selects other movements than those that wait for an answer, such as those under way. Safe to repeat and to run concurrently: the
    claim only saves work; the key at the gateway and the row's status decide. Stops after 60 s if the gateway keeps giving no answers, so
    that other timers can run.
    """
    settled, until = 0, time.monotonic() + SETTLE_S
    while time.monotonic() < until and (claimed := claim() if claim else claim_open(kind.model)):
        settled += ask_all(kind, kind.load(claimed), lambda request: _resolve(kind, request), at)
    return settled


def ask_all(kind: Kind[R], requests: Sequence[R], ask: Callable[[R], Outcome], at: datetime) -> int:
    """Request movements that this process has claimed, record the answers as they arrive, and release those not started in time."""
    settled, answered = 0, set()
    for answers in in_flight(requests, ask):
        answered |= {request.id for request, _ in answers}
        settled += record_safely(kind, answers, at)
    give_back(kind.model, requests, answered)
    return settled


def _resolve(kind: Kind[R], request: R) -> Outcome:
    return kind.find(request) or kind.ask(request)


def ask_once_more(kind: Kind[R], request: R) -> Outcome:
    """Request a movement; without an answer, look up the key at once, and request again if the gateway does not know it."""
    outcome = guarded(kind.ask, request)
    return guarded(lambda again: _resolve(kind, again), request) if outcome.status == Status.UNKNOWN else outcome


def record_safely(kind: Kind[R], answers: Sequence[Answer[R]], at: datetime) -> int:
    """Record a batch in one commit; if that fails, record one by one, so that one bad row does not keep the others open."""
    try:
        return kind.record(answers, at)
    except Exception:
        log.exception("recording %s answers at once failed; one by one", len(answers))
    return sum(_record_alone(kind, answer, at) for answer in answers)


def _record_alone(kind: Kind[R], answer: Answer[R], at: datetime) -> int:
    try:
        with unit():
            return kind.record([answer], at)
    except Exception:
        log.exception("recording failed: %s", answer[0].key)
        return 0
