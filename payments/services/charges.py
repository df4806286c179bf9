"""Charges: the row and its key are committed, then the gateway is asked, then the answers are recorded and told."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from core.arrays import plain_array, text_array
from core.clock import wall
from core.db import execute, unit
from core.outbox import append
from payments import gateways
from payments.events import ChargesSettled, MethodEnabled
from payments.gateways.base import Cards, ChargeRequest, Outcome
from payments.models import Charge, PaymentMethod
from payments.queries import load_charges, lock_charge
from payments.services.breaks import open_breaks
from payments.services.calls import LEASE_S
from payments.services.recording import (
    Answer,
    Changed,
    Kind,
    ask_all,
    ask_once_more,
    differing,
    fits,
    settle_open,
    write_answers,
)
from payments.services.turns import reverse_charges
from payments.states import MovementStatus

_OPEN = """
    INSERT INTO payments_charge (id, gateway, payment_method_id, authorization_id, reference, amount_minor, currency, actor,
        status, gateway_ref, failure, action_url, tries, refunded_minor, created_at, claimed_until)
    SELECT u.*, 'pending', '', '', '', 0, 0, %s, %s
    FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::uuid[], %s::text[], %s::bigint[], %s::text[], %s::text[]) AS u"""


def open_charges(*, requests: Sequence[ChargeRequest], at: datetime) -> None:
    """Record charges in the caller's transaction before they are sent; call `run_charges` after the commit.

    Holds that the charges draw on count as used from now on.
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
    """Ask the gateways for committed charges, many in flight, and record the answers as they come. Return how many were settled.

    A charge without an answer is `unknown`; `resolve_charges` settles it later.
    """
    return ask_all(CHARGES, requests, lambda request: ask_once_more(CHARGES, request), at)


def resolve_charges(*, at: datetime) -> int:
    """Settle charges that have no answer yet; a timer. Return how many were settled."""
    return settle_open(CHARGES, at=at)


def record_charges(answers: Sequence[Answer[ChargeRequest]], at: datetime) -> int:
    """Record answers for charges in one commit with everything that follows from them; return how many were settled."""
    with unit():
        changed = write_answers(Charge, answers, at)
        _note_actions(answers, changed)
        _note_drawn(answers, changed, at)
        if changed:
            told = ChargesSettled(succeeded=[pk.hex for pk in changed.succeeded], failed=[pk.hex for pk in changed.failed])
            append(told, at=at)
    return len(changed)


def confirm_charge(*, request: ChargeRequest, outcome: Outcome, at: datetime) -> bool:
    """Record that a person confirmed a charge that had failed without that, and unblock its method. False if nothing changed."""
    with unit():
        charge = lock_charge(request.id)
        if charge.status != MovementStatus.FAILED or outcome.status != "succeeded":
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


def _note_actions(answers: Sequence[Answer[ChargeRequest]], changed: Changed) -> None:
    """Store the addresses of the pages on which people confirm charges."""
    failed = set(changed.failed)
    pages = [(str(request.id), outcome.action_url) for request, outcome in answers if outcome.action_url and request.id in failed]
    if pages:
        sql = "UPDATE payments_charge c SET action_url = u.url FROM unnest(%s::uuid[], %s::text[]) AS u(id, url) WHERE c.id = u.id"
        execute(sql, [list(column) for column in zip(*pages, strict=True)])


def _note_drawn(answers: Sequence[Answer[ChargeRequest]], changed: Changed, at: datetime) -> None:
    """Close holds that were charged in full; a timer releases the rest of others."""
    if any(request.authorization_id for request, _ in answers):
        sql = """
            UPDATE payments_authorization a SET released_at = %s FROM payments_charge c
            WHERE c.id = ANY(%s::uuid[]) AND a.id = c.authorization_id AND a.amount_minor = c.amount_minor"""
        execute(sql, [at, plain_array(changed.succeeded)])


CHARGES: Kind[ChargeRequest] = Kind(
    model=Charge,
    load=load_charges,
    ask=lambda request: gateways.connect(request.gateway, Cards).charge(request),
    find=lambda request: gateways.connect(request.gateway, Cards).find_charge(request),
    record=record_charges,
    reverse=reverse_charges,
)
