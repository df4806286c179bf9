"""Content of a refund's page: its reason, what it pays back, where the money is, and what happens next."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from checkout.models import Order
from checkout.models import Refund as ShopRefund
from core.unreadable import Unreadable
from operations.money.traces import breaks_about, entries_about, events_about, order_of, turns_told, why_undone
from operations.wording import names_of, status_of
from payments.models import Refund, Transfer, Turn
from payments.proposals import closing_of
from payments.queries import find_transfer, list_turns
from payments.states import MOVEMENT_UNDONE, MovementStatus, TransferStatus
from payments.texts import method_name


def facts_of(refund: Refund) -> dict[str, Any]:
    """Return all parts of a refund's page, in a constant number of queries."""
    charge, order, turns = refund.charge, order_of(refund.reference), list_turns(refund)
    paid_with = charge.payment_method
    method = refund.payment_method or paid_with
    again, transfer = getattr(refund, "replacement", None), find_transfer(refund.pk)
    asked = _asked(refund, order)
    names = names_of({row for row in (asked.actor if asked else "", *_people(transfer)) if row})
    owed_again = max((place for place, turn in enumerate(turns, 1) if turn.kind == Turn.OWED), default=0)
    kinds = {turn.kind for turn in turns[owed_again:]}
    return {
        "refund": refund,
        "closing": closing_of(refund),
        "status": status_of(refund.status),
        "why": why_undone(refund),
        "what": _what(refund, method_name(method.kind, method.shown)),
        "next": _next(refund, kinds, again=again is not None, transfer=transfer),
        "method": method_name(method.kind, method.shown),
        "other_method": method_name(paid_with.kind, paid_with.shown) if method.pk != paid_with.pk else "",
        "charge": charge,
        "order": order,
        "merchant": order.merchant if order else None,
        "consumer": paid_with.consumer,
        "person": paid_with.consumer.name or paid_with.consumer.public_id,
        "asked": {"minor": asked.amount_minor, "by": names[asked.actor], "at": asked.at, "reason": _reason(asked)} if asked else None,
        "before": _page(refund.replaces) if refund.replaces_id else "",
        "again": _page(again) if again else "",
        "transfer": _transfer(transfer, names) if transfer else None,
        "turns": turns_told(turns),
        "breaks": breaks_about(refund.public_id),
        "entries": entries_about(refund.public_id, *(turn.public_id for turn in turns), transfer.public_id if transfer else ""),
        "events": events_about(refund.gateway, refund.public_id, refund.gateway_ref),
    }


def _page(refund: Refund | None) -> str:
    return reverse("admin:payments_refund_change", args=[refund.pk]) if refund else ""


def _asked(refund: Refund, order: Order | None) -> ShopRefund | None:
    """Return the shop's refund that this one pays out. It is found by its time, since both were written in the same transaction."""
    return ShopRefund.objects.filter(order=order, at=refund.created_at).order_by("id").first() if order else None


def _reason(asked: ShopRefund) -> str:
    return str(asked.reason) if isinstance(asked.reason, Unreadable) else asked.reason


def _people(transfer: Transfer | None) -> list[str]:
    return [transfer.wanted_by, transfer.sent_by, transfer.closed_by] if transfer else []


def _transfer(transfer: Transfer, names: dict[str, str]) -> dict[str, Any]:
    """Return a transfer with its steps: what was done, who did it, and when."""
    steps = [
        (_("Account written down"), transfer.wanted_by, transfer.created_at),
        (_("Paid at the bank"), transfer.sent_by, transfer.sent_at),
    ]
    if transfer.status == TransferStatus.CONFIRMED:
        steps.append((_("Confirmed"), transfer.closed_by, transfer.closed_at))
    return {
        "status": status_of(transfer.status),
        "reference": transfer.bank_reference,
        "steps": [{"what": what, "by": names.get(by) or by, "at": at} for what, by, at in steps if at],
    }


def _what(refund: Refund, method: str) -> str:
    """Say where the money is."""
    told = {
        MovementStatus.PENDING: _("It is written down and goes to %(method)s within minutes."),
        MovementStatus.UNKNOWN: _("The gateway was asked and has not said whether it gave the money back to %(method)s."),
        MovementStatus.SUCCEEDED: _("The gateway gave it back to %(method)s. Banks show it within a few days."),
        MovementStatus.FAILED: _("It did not reach %(method)s."),
        MovementStatus.REVERSED: _("It was given back to %(method)s, and came back from there days later."),
    }
    return told[MovementStatus(refund.status)] % {"method": method}


def _next(refund: Refund, kinds: set[str], *, again: bool, transfer: Transfer | None) -> str:
    """Say what happens next, or how it ended; empty if nothing more happens."""
    if refund.status == MovementStatus.UNKNOWN:
        return _("It is looked up there again by itself, and nothing is sent twice.")
    if refund.status not in MOVEMENT_UNDONE:
        return ""
    ends = [
        (Turn.COVERED in kinds, _("The bank gave the person that money already, so nothing is owed.")),
        (Turn.TRANSFERRED in kinds, _("It was paid to a bank account by hand instead.")),
        (again, _("It was sent again.")),
        (
            transfer is not None,
            _("It is being paid to a bank account by hand. Until another operator has confirmed that, the person is owed it."),
        ),
    ]
    owed = _("The person is owed it, and is asked where it shall go: the card again, another one, or a bank account.")
    return next((told for holds, told in ends if holds), owed)
