"""Charges: the row and its key are committed, then the gateway is called, then the answers are recorded and published."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from core.adjusting import value_of
from core.arrays import plain_array, text_array
from core.clock import wall
from core.db import execute, rows, unit
from core.outbox import append
from payments import gateways
from payments.events import ChargeArrived, ChargesSettled, MethodEnabled
from payments.gateways.base import UNKNOWN, ChargeRequest, Outcome, Status
from payments.models import Break, Charge, PaymentMethod, Turn
from payments.queries import load_charges, lock_charge
from payments.services.breaks import close_breaks_about, open_breaks
from payments.services.calls import LEASE_S
from payments.services.recording import (
    CHUNK,
    Answer,
    Changed,
    Kind,
    ask_all,
    ask_once_more,
    confirm_movement,
    contradicting,
    differing,
    draft_of,
    fits,
    settle_open,
    write_answers,
)
from payments.services.turns import keep_turns, reverse_charges, turn_of_charge
from payments.settable import PULL_LATE
from payments.states import BreakStatus, MovementStatus
from payments.texts import ENDED

_OPEN = f"""
    INSERT INTO payments_charge (id, gateway, payment_method_id, authorization_id, reference, amount_minor, currency, actor,
        status, gateway_ref, failure, action_url, tries, refunded_minor, created_at, claimed_until)
    SELECT u.*, '{MovementStatus.PENDING}', '', '', '', 0, 0, %s, %s
    FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::uuid[], %s::text[], %s::bigint[], %s::text[], %s::text[]) AS u"""  # noqa: S608  (a statement of our own)


def open_charges(*, requests: Sequence[ChargeRequest], at: datetime) -> None:
    """Record charges in the caller's transaction before they are sent; call `run_charges` after the commit.

    Holds from which the charges are taken count as used from now on.
    """
    if not requests:
        return
    table = [
        plain_array(r.id for r in requests),
        text_array(r.gateway for r in requests),
        plain_array(r.payment_method_id for r in requests),
        plain_array(r.authorization_id for r in requests),
        text_array(r.reference for r in requests),
        plain_array(r.amount_minor for r in requests),
        text_array(r.currency for r in requests),
        text_array(r.actor for r in requests),
    ]
    held = [r.authorization_id for r in requests if r.authorization_id]
    with unit():
        execute(_OPEN, [at, wall() + timedelta(seconds=LEASE_S), *table])
        if held:
            execute("UPDATE payments_authorization SET used_at = %s WHERE id = ANY(%s::uuid[])", [at, plain_array(held)])


def run_charges(*, requests: Sequence[ChargeRequest], at: datetime) -> int:
    """Send committed charges to the gateways, many in flight, and record the answers as they arrive. Return how many were settled.

    A charge without an answer is `unknown`; `resolve_charges` settles it later. A bank debit is usually `under_way`: an event ends it, or
    `resolve_pulls`.
    """
    return ask_all(CHARGES, requests, lambda request: ask_once_more(CHARGES, request), at)


def leave_undone(*, requests: Sequence[ChargeRequest], failure: str, at: datetime) -> int:
    """Record committed charges as failed that are not sent at all; with all consequences of a failed charge. Return how many."""
    return record_charges([(request, Outcome(Status.FAILED, "", failure)) for request in requests], at) if requests else 0


def resolve_charges(*, at: datetime) -> int:
    """Settle charges that have no answer yet; a timer. Return how many were settled."""
    return settle_open(CHARGES, at=at)


# MATERIALIZED as in `recording`.
_CLAIM_UNDER_WAY = f"""
    WITH waiting AS MATERIALIZED (
        SELECT id FROM payments_charge
        WHERE status = '{MovementStatus.UNDER_WAY}' AND next_look_at <= %s AND (claimed_until IS NULL OR claimed_until <= now())
        ORDER BY next_look_at LIMIT %s FOR UPDATE SKIP LOCKED)
    UPDATE payments_charge c SET claimed_until = now() + make_interval(secs => %s) FROM waiting WHERE c.id = waiting.id
    RETURNING c.id"""  # noqa: S608  (a word of our own)


def resolve_pulls(*, at: datetime) -> int:
    """Look up bank debits under way, each every six hours, in case an event was lost; a timer. Return how many have ended.

    None is requested again, even if its gateway no longer knows it: gateways forget keys after a day, so that it might debit twice. A debit
    that has not ended after three weeks opens a break, so that a person asks the gateway; look-ups continue.
    """
    claimed: list[uuid.UUID] = []

    def claim() -> list[uuid.UUID]:
        found = [row[0] for row in rows(_CLAIM_UNDER_WAY, [at, CHUNK, LEASE_S])]
        claimed.extend(found)
        return found

    settled = settle_open(_BEGUN, at=at, claim=claim)
    _note_late(claimed, at)
    return settled


def _note_late(claimed: Sequence[uuid.UUID], at: datetime) -> None:
    """Open a break for each of these bank debits that has been under way for longer than any scheme takes."""
    late = Charge.objects.filter(id__in=claimed, status=MovementStatus.UNDER_WAY, created_at__lte=at - timedelta(days=value_of(PULL_LATE)))
    drafts = [draft_of("pull_late", request) for request in load_charges(list(late.values_list("id", flat=True)))]
    with unit():
        open_breaks(drafts=drafts, at=at)


def record_charges(answers: Sequence[Answer[ChargeRequest]], at: datetime) -> int:
    """Record answers for charges in one commit with all their consequences; return how many were settled."""
    with unit():
        changed = write_answers(Charge, answers, at, confirm=take_arrival)
        _note_actions(answers, changed)
        _note_drawn(answers, changed, at)
        _close_late(answers, changed, at)
        _note_fees(answers, changed, at)
        if changed:
            told = ChargesSettled(succeeded=[pk.hex for pk in changed.succeeded], failed=[pk.hex for pk in changed.failed])
            append(told, at=at)
    return len(changed)


def confirm_charge(*, request: ChargeRequest, outcome: Outcome, at: datetime) -> bool:
    """Record that a person confirmed a charge that had failed without that, and unblock its method. Return False if nothing changed."""
    with unit():
        charge = lock_charge(request.id)
        if charge.status != MovementStatus.FAILED or outcome.status != Status.SUCCEEDED:
            return False
        if not fits(request, outcome):
            open_breaks(drafts=[differing(request, outcome)], at=at)
            return False
        # First: the listeners lock all plans of the consumer; those of the next event lock the credit line.
        append(MethodEnabled(consumer=charge.payment_method.consumer.public_id), at=at)
        charge.confirm()
        charge.gateway_ref, charge.failure, charge.action_url, charge.settled_at = outcome.ref, "", "", at
        charge.save()
        append(ChargesSettled(succeeded=[charge.id.hex], failed=[]), at=at)
        # Last: the code that handles failures locks plans before it blocks methods.
        PaymentMethod.objects.filter(id=charge.payment_method_id).update(blocked_at=None)
    return True


def take_arrival(request: ChargeRequest, outcome: Outcome, at: datetime) -> None:
    """Record that a charge was made after all which two people had closed as not made; does nothing if that is recorded already.

    The event makes its listeners pay what is due with it, and give the rest back. A charge that was reversed before opens a break and
    books nothing.
    """
    with unit():
        charge = lock_charge(request.id)
        if charge.status == MovementStatus.SUCCEEDED:
            return
        if charge.status != MovementStatus.FAILED:
            open_breaks(drafts=[contradicting(request, outcome)], at=at)
            return
        confirm_movement(charge, outcome, at)
        turn_of_charge(charge, Turn.MADE, charge.amount_minor, ref=charge.gateway_ref, at=at).save(force_insert=True)
        append(ChargeArrived(charge=charge.public_id, reference=charge.reference), at=at)


def _note_actions(answers: Sequence[Answer[ChargeRequest]], changed: Changed) -> None:
    """Store the addresses of the pages on which people confirm charges."""
    failed = set(changed.failed)
    pages = [(str(request.id), outcome.action_url) for request, outcome in answers if outcome.action_url and request.id in failed]
    if pages:
        sql = "UPDATE payments_charge c SET action_url = u.url FROM unnest(%s::uuid[], %s::text[]) AS u(id, url) WHERE c.id = u.id"
        execute(sql, [list(column) for column in zip(*pages, strict=True)])


def _close_late(answers: Sequence[Answer[ChargeRequest]], changed: Changed, at: datetime) -> None:
    """Close the breaks of bank debits that took too long and have ended now."""
    ended = {*changed.succeeded, *changed.failed}
    pulls = [request.key for request, _ in answers if request.is_pull and request.id in ended]
    if pulls:
        late = Break.objects.filter(kind="pull_late", status=BreakStatus.OPEN, subject__in=pulls).values_list("subject", flat=True)
        close_breaks_about(subjects=list(late), note=ENDED, actor="", at=at)


def _note_fees(answers: Sequence[Answer[ChargeRequest]], changed: Changed, at: datetime) -> None:
    """Record and post the fees for bank debits that were returned before we heard that they had succeeded."""
    failed = set(changed.failed)
    for request, outcome in answers:
        if request.is_pull and outcome.fee_minor and request.id in failed:
            charge = Charge.objects.get(id=request.id)
            keep_turns([turn_of_charge(charge, Turn.FEE, outcome.fee_minor, ref=outcome.ref, at=at)])


def _note_drawn(answers: Sequence[Answer[ChargeRequest]], changed: Changed, at: datetime) -> None:
    """Close holds that were charged in full; a timer releases the rest of the others."""
    if any(request.authorization_id for request, _ in answers):
        sql = """
            UPDATE payments_authorization a SET released_at = %s FROM payments_charge c
            WHERE c.id = ANY(%s::uuid[]) AND a.id = c.authorization_id AND a.amount_minor = c.amount_minor"""
        execute(sql, [at, plain_array(changed.succeeded)])


CHARGES: Kind[ChargeRequest] = Kind(
    model=Charge,
    load=load_charges,
    ask=gateways.charge,
    find=gateways.find_charge,
    record=record_charges,
    reverse=reverse_charges,
    confirm=take_arrival,
)
_BEGUN = replace(CHARGES, ask=lambda _: UNKNOWN)
"""Charges that their gateway has begun: these are only looked up, never requested again."""
