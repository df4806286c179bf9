"""Content of a payout's page: its statement, its bank account, whether it arrived, and how it is paid if it came back."""

from typing import Any

from django.utils.translation import gettext as _

from controls.telling import tell_kept
from core.clock import local_date
from core.moments import day_words
from merchants.models import Settlement, SettlementItem
from merchants.queries import find_paid_with
from merchants.rules import arrives_by
from operations.money.traces import breaks_about, entries_about, events_about, turns_told, why_undone
from operations.wording import status_of
from payments.models import Payout
from payments.proposals import closing_of
from payments.queries import list_turns
from payments.states import MOVEMENT_UNDONE, MovementStatus
from payments.texts import account_name


def facts_of(payout: Payout) -> dict[str, Any]:
    """Return all parts of a payout's page, in a constant number of queries."""
    statement = Settlement.objects.select_related("merchant__market", "payout").filter(payout=payout).first()
    turns, undone = list_turns(payout), payout.status in MOVEMENT_UNDONE
    again = find_paid_with(statement) if statement and undone else None
    item = SettlementItem.objects.select_related("settlement").filter(source=payout.public_id).first() if undone else None
    return {
        "payout": payout,
        "closing": closing_of(payout),
        "routed": tell_kept(payout.routed) if payout.routed else None,
        "status": status_of(payout.status),
        "why": why_undone(payout),
        "what": _what(payout, statement),
        "next": _next(payout, again=again, waits=item is not None and item.settlement is None, statement=statement),
        "account": account_name(payout.destination),
        "statement": statement,
        "merchant": statement.merchant if statement else None,
        "again": again,
        "owed_in": item.settlement if item else None,
        "turns": turns_told(turns),
        "breaks": breaks_about(payout.public_id),
        "entries": entries_about(payout.reference, payout.public_id, *(turn.public_id for turn in turns)),
        "events": events_about(payout.gateway, payout.public_id, payout.gateway_ref),
    }


def _what(payout: Payout, statement: Settlement | None) -> str:
    """Say where the money is."""
    if payout.status == MovementStatus.SUCCEEDED and statement:
        zone = statement.merchant.market.time_zone
        day = arrives_by(local_date(payout.settled_at or payout.created_at, zone))
        return _("The gateway sent it to the shop's bank. It arrives by %(day)s.") % {"day": day_words(day)}
    told = {
        MovementStatus.PENDING: _("It is written down and goes to the shop's bank within minutes."),
        MovementStatus.UNKNOWN: _("The gateway was asked and has not said whether it paid it out."),
        MovementStatus.SUCCEEDED: _("The gateway sent it to the shop's bank."),
        MovementStatus.FAILED: _("The shop's bank did not take it."),
        MovementStatus.REVERSED: _("The shop's bank took it, and gave it back days later."),
    }
    return told[MovementStatus(payout.status)]


def _next(payout: Payout, *, again: Settlement | None, waits: bool, statement: Settlement | None) -> str:
    """Say what happens next, or how it ended; empty if nothing more happens."""
    if payout.status == MovementStatus.UNKNOWN:
        return _("It is looked up there again by itself, and nothing is sent twice.")
    if payout.status not in MOVEMENT_UNDONE or statement is None:
        return ""
    if again is not None:
        return _("The payout of a later statement paid it.")
    if waits:
        return _("The shop is owed it again. The next statement pays it, to another account or once an operator has checked this one.")
    return _("The shop is owed it again. It is part of its balance and is paid once there is an account that takes payouts.")
