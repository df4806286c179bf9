"""Statements in the form that the templates need."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from merchants.models import Settlement, SettlementItem
from payments.states import MovementStatus
from portals.merchant.wording import Pill, order_number


@dataclass(frozen=True, slots=True)
class ShownSettlement:
    """A statement as its own page shows it; amounts in minor units, `held` if its payout is on hold."""

    public_id: str
    date: date
    item_count: int
    payout_minor: int
    closing_minor: int
    held: bool


def shown_settlement(settlement: Settlement) -> ShownSettlement:
    """Return a statement as its own page shows it."""
    return ShownSettlement(
        public_id=settlement.public_id,
        date=settlement.date,
        item_count=settlement.item_count,
        payout_minor=settlement.payout_minor,
        closing_minor=settlement.closing_minor,
        held=settlement.held,
    )


LINE_KINDS = {
    "capture": pgettext_lazy("noun", "Capture"),
    "refund": pgettext_lazy("noun", "Refund"),
    "bounce": _("Payout that came back"),
    "arrival": _("Payout that arrived after all"),
    "interest": _("Interest for a customer"),
    "postpone": _("Later payments for a customer"),
}


def settlement_row(settlement: Settlement) -> dict[str, Any]:
    """Return a statement as a row of a table."""
    pill = payout_pill(settlement)
    return {
        "date": settlement.date,
        "href": reverse("merchant_settlement", args=[settlement.public_id]),
        "count": settlement.item_count,
        "sales": settlement.sales_minor,
        "returns": -settlement.returns_minor,
        "fees": settlement.fee_refunds_minor - settlement.fees_minor,
        "opening": settlement.opening_minor,
        "payout": settlement.payout_minor,
        "currency": settlement.currency,
        "pill": pill.text,
        "tone": pill.tone,
    }


def line_row(item: SettlementItem) -> dict[str, Any]:
    """Return a line of a statement, with its order and the capture or refund there."""
    return {
        "kind": LINE_KINDS[item.kind],
        "number": order_number(item.merchant_reference, item.order_ref) or "–",
        "href": f"{reverse('merchant_order', args=[item.order_ref])}#{item.source.partition(':')[0]}" if item.order_ref else "",
        "source": item.source,
        "at": item.at,
        "gross": item.gross_minor,
        "fee": -item.fee_minor,
        "net": item.net_minor,
    }


PAYOUT = {
    MovementStatus.PENDING: (_("On its way"), "info"),
    MovementStatus.UNKNOWN: (_("On its way"), "info"),
    MovementStatus.SUCCEEDED: (_("Paid out"), "good"),
    MovementStatus.FAILED: (_("Came back"), "bad"),
    MovementStatus.REVERSED: (_("Came back"), "bad"),
}


def payout_pill(settlement: Settlement) -> Pill:
    """Say what became of a statement's payout."""
    if settlement.held:
        return Pill(gettext("Kept for you"), "warn")
    if settlement.payout is None:
        return Pill(gettext("Nothing to pay out"), "mute") if settlement.closing_minor >= 0 else Pill(gettext("Carried over"), "warn")
    text, tone = PAYOUT[settlement.payout.status]
    return Pill(str(text), tone)
