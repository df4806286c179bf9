"""Settlements: a statement for every day, its lines linked to orders, and the same as a file."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_noop

from core.clock import local_date
from core.ids import parse_id
from merchants.models import Settlement
from merchants.queries import access_settlement, find_paid_with, next_payout, settlements_of
from merchants.rules import arrives_by
from merchants.statement_files import statement_file
from payments.states import MOVEMENT_UNDONE
from payments.texts import account_name
from portals.merchant.frame import Desk, merchant_page, show
from portals.merchant.money.page import line_row, payout_pill, settlement_row, shown_settlement
from portals.merchant.money.queries import lines_of
from portals.merchant.paging import slice_of

LINES = 50


@merchant_page("GET", needs="settlements.read")
def settlements(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List statements, newest first, below the next one."""
    page = slice_of(settlements_of(desk.merchant), request)
    context = {
        "next": next_payout(desk.merchant),
        "account": account_name(desk.merchant.payout_destination),
        "arrives_by": arrives_by(desk.today + timedelta(days=1)),
        "settlements": [settlement_row(settlement) for settlement in page.rows],
        "newer": page.newer,
        "older": page.older,
    }
    return show(request, desk, "money/settlements", "settlements", context)


@merchant_page("GET", needs="settlements.read")
def settlement(request: HttpRequest, desk: Desk, settlement_id: str) -> HttpResponse:
    """Show a statement: how it adds up, and its lines, newest first."""
    found = access_settlement(parse_id(Settlement.PREFIX, settlement_id), desk.merchant)
    page = slice_of(lines_of(found), request, size=LINES)
    context = {
        "settlement": shown_settlement(found),
        "pill": payout_pill(found),
        "sums": _sums(found),
        "total": _total(found),
        "sent": _payout(found, desk),
        "lines": [line_row(item) for item in page.rows],
        "newer": page.newer,
        "older": page.older,
    }
    return show(request, desk, "money/settlement", "settlements", context)


def _payout(settlement: Settlement, desk: Desk) -> dict[str, Any]:
    """Return the date and the account of a payout; empty if there is none."""
    payout = settlement.payout
    if payout is None:
        return {}
    comes = payout.status not in MOVEMENT_UNDONE
    again = find_paid_with(settlement)
    return {
        "account": account_name(payout.destination),
        "at": payout.created_at,
        "arrives_by": arrives_by(local_date(payout.created_at, desk.zone)) if comes else None,
        "again": {"path": reverse("merchant_settlement", args=[again.public_id]), "date": again.date} if again else None,
    }


def _total(settlement: Settlement) -> dict[str, int]:
    """Return the totals of a statement's lines, on all of its pages; signed minor units."""
    gross = settlement.sales_minor - settlement.returns_minor + settlement.bounced_minor
    gross += settlement.subsidy_refunds_minor - settlement.subsidies_minor
    fee = settlement.fee_refunds_minor - settlement.fees_minor
    return {"gross": gross, "fee": fee, "net": gross + fee}


def _sums(settlement: Settlement) -> list[tuple[str, int]]:
    """Return the parts of a payout; signed minor units that add up to the payout and the balance after it."""
    rows = [
        (gettext_noop("Balance before"), settlement.opening_minor),
        (gettext_noop("Sales"), settlement.sales_minor),
        (gettext_noop("Returns"), -settlement.returns_minor),
        (gettext_noop("Fees"), -settlement.fees_minor),
        (gettext_noop("Fees given back"), settlement.fee_refunds_minor),
        (gettext_noop("Payouts that came back"), settlement.bounced_minor),
        (gettext_noop("Paid for customers"), -settlement.subsidies_minor),
        (gettext_noop("Paid for customers, given back"), settlement.subsidy_refunds_minor),
    ]
    return [row for row in rows if row[1] or row[0] in {"Balance before", "Sales", "Fees"}]


@merchant_page("GET", needs="settlements.read")
def export(request: HttpRequest, desk: Desk, settlement_id: str) -> HttpResponse:
    """Return a statement's lines as a file."""
    found = access_settlement(parse_id(Settlement.PREFIX, settlement_id), desk.merchant)
    return statement_file(found)
