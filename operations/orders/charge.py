"""Content of a charge's page: its purpose, its attempts, the gateway's answer, and its disputes."""

from typing import Any

from django.utils.translation import gettext as _

from controls.telling import KeptWords, tell_kept
from core.moments import day_words
from operations.money.traces import MOST, events_about, order_of, turns_told
from operations.wording import names_of, status_of
from payments.models import CardSetup, Charge, Dispute, Refund
from payments.proposals import closing_of
from payments.queries import list_charges, list_turns
from payments.texts import bank_heading, failure_text, method_name
from plans.models import Allocation, FreePayment


def _paid(charge: Charge) -> list[Allocation]:
    """Return what a charge pays; a free payment that was allocated anew may pay nothing any more of an installment."""
    found = Allocation.objects.filter(charge_id=charge.pk).select_related("installment").order_by("installment__number")
    return [one for one in found if one.principal_minor + one.interest_minor]


def _free(charge: Charge) -> str:
    """Say as of which day and in which order a free payment is allocated; empty for a charge that was made for installments."""
    free = FreePayment.objects.filter(charge=charge).select_related("order").first()
    if free is None:
        return ""
    told = {"day": day_words(free.value_on), "since": day_words(free.order.valid_from) if free.order else ""}
    if free.order:
        return _("Allocated as of %(day)s, in the market's order since %(since)s") % told
    return _("Allocated as of %(day)s, in the usual order") % told


def facts_of(charge: Charge) -> dict[str, Any]:
    """Return all parts of a charge's page, as plain values, in a constant number of queries."""
    method, consumer = charge.payment_method, charge.payment_method.consumer
    order = order_of(charge.reference)
    refunds = Refund.objects.filter(charge=charge).order_by("-id")[:MOST]
    return {
        "charge": charge,
        "closing": closing_of(charge),
        "routed": _routed(charge),
        "status": status_of(charge.status),
        "method": method_name(method.kind, method.shown),
        "consumer": consumer,
        "person": consumer.name or consumer.public_id,
        "order": order,
        "merchant": order.merchant if order else None,
        "by": names_of({charge.actor})[charge.actor] if charge.actor else _("By itself, on its due date"),
        "why": failure_text(charge.failure, method.kind) if charge.failure else "",
        "paid": _paid(charge),
        "free": _free(charge),
        "turns": turns_told(list_turns(charge)),
        "disputes": [_dispute(row) for row in Dispute.objects.filter(charge=charge).order_by("-id")],
        "refunds": [{"id": row.pk, "minor": row.amount_minor, "at": row.created_at, "status": status_of(row.status)} for row in refunds],
        "events": events_about(charge.gateway, charge.public_id, charge.gateway_ref),
        "others": [
            {"id": row.pk, "minor": row.amount_minor, "at": row.created_at, "status": status_of(row.status)}
            for row in list_charges(charge.reference)[:MOST]
            if row.pk != charge.pk
        ],
    }


def _routed(charge: Charge) -> KeptWords | None:
    """Return the rule that chose the gateway when the card or bank account was added; None if no rule did."""
    setup = CardSetup.objects.filter(payment_method=charge.payment_method_id).exclude(routed={}).order_by("-id").first()
    return tell_kept(setup.routed) if setup else None


def _dispute(row: Dispute) -> dict[str, Any]:
    return {
        "id": row.pk,
        "minor": row.amount_minor,
        "reason": bank_heading(row.reason),
        "status": status_of(row.status),
        "at": row.opened_at,
        "closed_at": row.closed_at,
    }
