"""Content of the page of a shop's daily statement: its totals, its lines, and the state of its payout."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checkout.models import Order
from core.errors import NotFound
from core.ids import parse_id
from core.moments import day_words
from merchants.models import Merchant, Settlement, SettlementItem
from merchants.queries import find_paid_with
from operations.money.traces import entries_about
from operations.wording import status_of
from payments.models import Payout
from payments.queries import takes_payouts
from payments.states import MOVEMENT_OPEN, MOVEMENT_UNDONE
from payments.texts import account_name

LINES = 50
KINDS = {
    "capture": gettext_lazy("Captured"),
    "refund": gettext_lazy("Refunded"),
    "bounce": gettext_lazy("Payout that came back"),
    "arrival": gettext_lazy("Payout that arrived after all"),
    "interest": gettext_lazy("Interest for a customer"),
    "postpone": gettext_lazy("Later payments for a customer"),
}


def facts_of(settlement: Settlement, *, after: str = "") -> dict[str, Any]:
    """Return all parts of a statement's page, in a constant number of queries; `after` is the id of the last line of the previous page."""
    payout, shop = settlement.payout, settlement.merchant
    lines = list(_lines(settlement, after)[: LINES + 1])
    again = find_paid_with(settlement)
    newest = Settlement.objects.filter(merchant=shop).order_by("-date").values_list("id", flat=True).first() == settlement.pk
    return {
        "named": day_words(settlement.date),
        "settlement": settlement,
        "merchant": shop,
        "payout": payout,
        "status": _status(settlement),
        "account": account_name(payout.destination) if payout else "",
        "what": _what(settlement),
        "why": _why_held(shop) if settlement.held and newest else "",
        "again": again,
        "sums": _sums(settlement),
        "lines": [_line(one) for one in lines[:LINES]],
        "older": lines[LINES - 1].public_id if len(lines) > LINES else "",
        "is_first": not after,
        "entries": entries_about(settlement.public_id, payout.public_id if payout else ""),
    }


def _lines(settlement: Settlement, after: str) -> QuerySet[SettlementItem]:
    """Select a statement's lines, the newest first."""
    found = SettlementItem.objects.filter(settlement=settlement).order_by("-id")
    try:
        return found.filter(id__lt=parse_id(SettlementItem.PREFIX, after)) if after else found
    except NotFound:
        return found.none()


def _line(item: SettlementItem) -> dict[str, Any]:
    source = item.source.partition(":")[0]
    return {
        "what": KINDS[item.kind],
        "name": item.merchant_reference or item.order_ref or source,
        "link": _page(Order, "checkout_order", item.order_ref) or _page(Payout, "payments_payout", source),
        "at": item.at,
        "gross_minor": item.gross_minor,
        "fee_minor": -item.fee_minor,
        "net_minor": item.net_minor,
    }


def _page(model: Any, name: str, public_id: str) -> str:
    try:
        key: uuid.UUID = parse_id(model.PREFIX, public_id)
    except NotFound:
        return ""
    return reverse(f"admin:{name}_change", args=[key])


def _sums(settlement: Settlement) -> Iterable[tuple[str, int]]:
    """Return the sums that lead to a statement's payout and the balance after it, in signed minor units, without zeros."""
    rows = [
        (_("Balance before"), settlement.opening_minor, True),
        (_("Sales"), settlement.sales_minor, True),
        (_("Returns"), -settlement.returns_minor, False),
        (_("Fees"), -settlement.fees_minor, True),
        (_("Fees given back"), settlement.fee_refunds_minor, False),
        (_("Payouts that came back"), settlement.bounced_minor, False),
        (_("Paid for customers"), -settlement.subsidies_minor, False),
        (_("Paid for customers, given back"), settlement.subsidy_refunds_minor, False),
        (_("Paid out"), -settlement.payout_minor, True),
    ]
    return [(name, minor) for name, minor, always in rows if minor or always]


def _status(settlement: Settlement) -> dict[str, str]:
    """Return the state of a statement's payout as a label."""
    if settlement.held:
        return {"word": _("Payout waits"), "mark": "desk-waiting"}
    if settlement.payout is None:
        return {"word": _("Nothing to pay out"), "mark": ""} if settlement.closing_minor >= 0 else {"word": _("Carried over"), "mark": ""}
    return status_of(settlement.payout.status)


def _what(settlement: Settlement) -> str:
    """Say what happens to the balance."""
    payout = settlement.payout
    if settlement.held:
        return _("Nothing was paid out. The balance is kept, and the next statement that can be paid out pays it.")
    if payout is None and settlement.closing_minor < 0:
        return _("The shop owes us the balance. It is set off against its next sales.")
    if payout is None:
        return _("There was nothing to pay out.")
    if payout.status in MOVEMENT_UNDONE:
        return _("The payout came back. The shop is owed it again.")
    if payout.status in MOVEMENT_OPEN:
        return _("The payout is on its way to the shop's bank.")
    return _("The balance was paid out to the shop's bank.")


def _why_held(shop: Merchant) -> str:
    """Say why the newest statement of a shop is not paid out; empty if the cause is gone, so that the next one will be."""
    if shop.is_suspended:
        return _("The shop is suspended.")
    if not shop.payout_destination:
        return _("The shop has no bank account yet.")
    if not takes_payouts(shop.public_id, shop.payout_destination):
        return _("A payout to the shop's bank account came back.")
    return _("What kept it is gone: the next statement pays it out.")
