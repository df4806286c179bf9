"""The list of messages that could not be sent: what each says, whom it is for, and why it failed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.admin import keep_look
from accounts.models import User
from core.clock import now
from core.unreadable import Unreadable, listing
from notifications.letters import compose_briefs
from notifications.models import Message
from notifications.queries import find_unsent, list_messages
from notifications.services.again import MAY_RESEND
from operations.frame import MAY_SEE, operator, show
from operations.undelivered import trouble_text

SHOWN_DAYS = 14
MOST = 200
_WRITTEN = re.compile(r"^cannot be written: ")


@dataclass(frozen=True, slots=True)
class Line:
    """A message of the list; `link` leads to its person's page, where it can be sent again, and is empty for other recipients."""

    heading: str
    channel: str
    whom: str
    link: str
    why: str
    at: datetime


def may_see_unsent(user: User) -> bool:
    """Return whether an operator may see the list: those who may see people and send messages again."""
    return user.may(MAY_RESEND) and user.may(MAY_SEE)


def count_unsent() -> int:
    """Return the number of messages of the last two weeks that could not be sent, up to 200."""
    return len(find_unsent(now() - timedelta(days=SHOWN_DAYS), limit=MOST))


def show_unsent(request: HttpRequest) -> HttpResponse:
    """List the messages of the last two weeks that could not be sent, newest first; at most 200."""
    if not may_see_unsent(operator(request)):
        raise PermissionDenied
    with listing():
        found = list_messages(find_unsent(now() - timedelta(days=SHOWN_DAYS), limit=MOST))
        lines = _lines(found)
    keep_look(request, "work_list", {one.consumer_id for one in found if one.consumer_id})
    return show(request, "unsent.html", _("Messages that could not be sent"), lines=lines, most=MOST, days=SHOWN_DAYS)


def _lines(found: Sequence[Message]) -> list[Line]:
    briefs = {brief.id: brief.heading for brief in compose_briefs([one for one in found if not isinstance(one.facts, Unreadable)])}
    return [
        Line(
            briefs.get(one.public_id) or str(one.facts),
            one.get_channel_display(),
            _whom(one),
            _link(one),
            why_unsent(one.error),
            one.at,
        )
        for one in found
    ]


def _whom(message: Message) -> str:
    if message.consumer is not None:
        return message.consumer.public_id
    if message.user is None:
        return _("The auditors")
    return _("Somebody who works here") if message.user.is_staff else _("A member of a shop's team")


def _link(message: Message) -> str:
    return reverse("admin:accounts_consumer_change", args=[message.consumer_id]) if message.consumer_id else ""


def why_unsent(error: str) -> str:
    """Say why a message could not be sent, translated, by the error stored with it."""
    if error.startswith(("no e-mail address", "no phone number")):
        return _("There is no address or number to send it to.")
    if error.startswith("SMTPRecipientsRefused"):
        return _("The mail server refuses the address.")
    if error[:1].isdecimal():
        return _("The provider refuses the number.")
    return trouble_text(_WRITTEN.sub("", error))
