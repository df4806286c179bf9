"""Refunds: money back to the payment method of a charge, written down with what caused it and sent by a timer."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from core.db import execute, unit
from core.outbox import append
from ledger import postings
from payments import gateways
from payments.errors import RefundTooLarge
from payments.events import RefundsSettled
from payments.gateways.base import RefundRequest
from payments.models import Refund
from payments.services.recording import Answer, Kind, settle_open, write_answers

_TAKE = """
    UPDATE payments_charge c SET refunded_minor = c.refunded_minor + d.amount
    FROM (SELECT id, sum(amount) AS amount FROM unnest(%s::uuid[], %s::bigint[]) AS u(id, amount) GROUP BY id ORDER BY id) d
    WHERE c.id = d.id AND c.status = 'succeeded' AND c.refunded_minor + d.amount <= c.amount_minor"""


def open_refunds(*, requests: Sequence[RefundRequest], at: datetime) -> list[Refund]:
    """Write down refunds in the caller's transaction; `send_refunds` sends them after the commit.

    Each request's `reference` is the plan that owes it in the ledger. RefundTooLarge where a charge did not succeed or more
    would go back than it took.
    """
    if not requests:
        return []
    with unit():
        ids, amounts = [str(request.charge_id) for request in requests], [request.amount_minor for request in requests]
        if execute(_TAKE, [ids, amounts]) != len(set(ids)):
            raise RefundTooLarge("More would go back to the card than was charged.")
        return Refund.objects.bulk_create(
            Refund(
                id=request.id,
                gateway=request.gateway,
                charge_id=request.charge_id,
                reference=request.reference,
                amount_minor=request.amount_minor,
                currency=request.currency,
                created_at=at,
            )
            for request in requests
        )


def send_refunds(*, at: datetime) -> int:
    """Send refunds that are written down and settle those without an answer; a timer. Return how many were settled."""
    return settle_open(REFUNDS, at=at)


def record_refunds(answers: Sequence[Answer[RefundRequest]], at: datetime) -> int:
    """Record answers for refunds in one commit and post those that went back; return how many were settled."""
    with unit():
        changed = write_answers(Refund, answers, at)
        requests = {request.id: request for request, _ in answers}
        _untake([requests[pk] for pk in changed.failed])
        if changed:
            append(RefundsSettled(succeeded=[pk.hex for pk in changed.succeeded], failed=[pk.hex for pk in changed.failed]), at=at)
        postings.card_refunds(
            postings.CardRefundPosting(r.key, r.reference, r.gateway, r.currency, r.amount_minor, at)
            for r in (requests[pk] for pk in changed.succeeded)
        )
    return len(changed)


def _untake(requests: Sequence[RefundRequest]) -> None:
    """Note that refunds did not go back; what is owed stays in `refunds_payable` until somebody looks into it."""
    if requests:
        sql = """
            UPDATE payments_charge c SET refunded_minor = c.refunded_minor - d.amount
            FROM (SELECT id, sum(amount) AS amount FROM unnest(%s::uuid[], %s::bigint[]) AS u(id, amount) GROUP BY id ORDER BY id) d
            WHERE c.id = d.id"""
        execute(sql, [[str(r.charge_id) for r in requests], [r.amount_minor for r in requests]])


def load_refunds(ids: Sequence[uuid.UUID]) -> list[RefundRequest]:
    """Return the requests of refunds as they were first sent."""
    found = Refund.objects.filter(id__in=ids).select_related("charge").order_by("id")
    return [
        RefundRequest(
            id=refund.id,
            gateway=refund.gateway,
            charge_id=refund.charge_id,
            charge_ref=refund.charge.gateway_ref,
            reference=refund.reference,
            amount_minor=refund.amount_minor,
            currency=refund.currency,
        )
        for refund in found
    ]


REFUNDS: Kind[RefundRequest] = Kind(
    model=Refund,
    load=load_refunds,
    ask=lambda request: gateways.get_gateway(request.gateway).refund(request),
    find=lambda request: gateways.get_gateway(request.gateway).find_refund(request),
    record=record_refunds,
)
