"""Content of a hold's page: its purpose, whether money is held, and what ends it."""

from typing import Any

from django.utils.translation import gettext as _

from checkout.models import Checkout
from core.ids import parse_id
from operations.money.traces import breaks_about, entries_about, events_about, turns_told
from operations.wording import status_of
from payments.models import Authorization
from payments.proposals import closing_of
from payments.queries import list_turns
from payments.states import MOVEMENT_OPEN, MovementStatus
from payments.texts import failure_text, method_name


def facts_of(hold: Authorization) -> dict[str, Any]:
    """Return all parts of a hold's page, in a constant number of queries."""
    method, consumer = hold.payment_method, hold.payment_method.consumer
    wanted = parse_id(Checkout.PREFIX, hold.reference)
    return {
        "hold": hold,
        "closing": closing_of(hold),
        "status": status_of(hold.status),
        "method": method_name(method.kind, method.shown),
        "consumer": consumer,
        "person": consumer.name or consumer.public_id,
        "checkout": Checkout.objects.select_related("merchant").filter(id=wanted).first(),
        "what": _what(hold),
        "why": failure_text(hold.failure, method.kind) if hold.failure else "",
        "turns": turns_told(list_turns(hold)),
        "breaks": breaks_about(hold.public_id),
        "entries": entries_about(hold.public_id),
        "events": events_about(hold.gateway, hold.public_id, hold.gateway_ref),
    }


def _what(hold: Authorization) -> str:
    """Say whether money is held."""
    if hold.status in MOVEMENT_OPEN:
        return _("The gateway was asked and has not said whether it holds the amount. It is looked up there again by itself.")
    if hold.status == MovementStatus.FAILED:
        return _("Nothing is held.")
    if hold.released_at:
        return _("Nothing is held any more: it was released, charged or lapsed.")
    if hold.used_at:
        return _("It was charged. What was not charged is released.")
    if hold.release_wanted_at:
        return _("Nobody needs it any more. It is being released, and lapses after seven days.")
    return _("The amount is held on the card for the first payment. It lapses after seven days.")
