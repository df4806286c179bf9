"""What the lender knows of the person, and their inbox."""

import uuid
from dataclasses import dataclass

from babel import Locale
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.models import Consumer
from accounts.rules.addresses import address_line
from accounts.states import Identity
from core.errors import NotFound
from core.ids import parse_id
from core.unreadable import Unreadable
from notifications import queries as messages
from notifications import services as notifications
from notifications.letters import compose_briefs
from notifications.models import Message
from portals.consumer.account.agreed import list_agreed
from portals.consumer.frame import Visitor, consumer_page, show
from portals.contacts import mask

CONSENTS = 5
"""How many consents the profile shows; `profile_agreed` has all."""


@dataclass(frozen=True, slots=True)
class IdentityPill:
    """The status of an identity check as a pill; without a text before the first check."""

    pill: str = ""
    tone: str = "mute"
    icon: str = ""


def _identity_pill(consumer: Consumer) -> IdentityPill:
    return {
        Identity.UNKNOWN: IdentityPill(),
        Identity.VERIFIED: IdentityPill(_("Confirmed"), "good", "check"),
        Identity.PENDING: IdentityPill(_("Being checked"), "info"),
        Identity.REJECTED: IdentityPill(_("Not confirmed"), "warn"),
    }[Identity(consumer.identity)]


@consumer_page("GET", "POST")
def inbox(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """List notifications, newest first, a page at a time; a button marks all of them as read."""
    if request.method == "POST":
        notifications.mark_all_read(consumer=visitor.consumer, at=visitor.at)
        return redirect("inbox")
    before = _cursor(request.GET.get("before", ""))
    found = messages.list_inbox(visitor.consumer, before=before, limit=messages.PAGE + 1)
    shown = found[: messages.PAGE]
    context = {
        "briefs": compose_briefs(shown),
        "older": f"?{urlencode({'before': shown[-1].public_id})}" if len(found) > messages.PAGE else "",
        "newer": "?" if before else "",
    }
    return show(request, visitor, "account/inbox", "inbox", context)


def _cursor(text: str) -> uuid.UUID | None:
    try:
        return parse_id(Message.PREFIX, text) if text else None
    except NotFound:
        return None


@consumer_page("GET")
def profile(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the person's details: contacts masked, and the agreements and consents."""
    consumer = visitor.consumer
    address = consumer.address or {}
    context = {
        "name": consumer.name,
        "identity": _identity_pill(consumer),
        "email": mask(consumer.email),
        "phone": mask(consumer.phone),
        "email_confirmed": bool(consumer.email_hash),
        "phone_confirmed": bool(consumer.phone_hash),
        "country": Locale.parse(visitor.locale).territories[consumer.market_id],
        "address": address if isinstance(address, Unreadable) else address_line(address),
        "currency": consumer.market.currency,
        "consents": list_agreed(visitor)[:CONSENTS],
    }
    return show(request, visitor, "account/profile", "profile", context)
