"""Signed addresses in letters about what is owed: each has one purpose, names one person or plan, and ends on a day."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core import signing

from collection.models import ContactStop, PayLink
from collection.settable import LINK_DAYS
from core.adjusting import value_of
from core.errors import NotFound
from core.ids import parse_id
from plans.models import Plan

_PAY, _STOP = "collection.pay", "collection.stop"


@dataclass(frozen=True, slots=True)
class Stopping:
    """What a link to stop messages names: whose they are (a public id), and the channel."""

    consumer: str
    channel: str


def pay_path(plan: str, at: datetime, link: str = "") -> str:
    """Return the path on which what is late of a plan (a public id) is paid without signing in, for some days from a moment.

    `link` is that of a `PayLink` (a public id), which then hears of it.
    """
    return f"/pay/now/{_sign(_PAY, {'plan': plan} | ({'link': link} if link else {}), at)}"


def stop_path(consumer: str, channel: str, at: datetime) -> str:
    """Return the path on which a person stops messages of a channel without signing in, for some days from a moment."""
    return f"/contact/{_sign(_STOP, {'consumer': consumer, 'channel': channel}, at)}"


def plan_of_link(token: str, today: date) -> uuid.UUID:
    """Return the plan that a link pays; NotFound for one that was not signed for this, or whose day is over."""
    return parse_id(Plan.PREFIX, _read(_PAY, token, today)["plan"])


def sent_of_link(token: str, today: date) -> uuid.UUID | None:
    """Return the `PayLink` that a link to pay belongs to, or None for that of a letter; NotFound as `plan_of_link`."""
    link = _read(_PAY, token, today).get("link", "")
    return parse_id(PayLink.PREFIX, link) if link else None


def stopping_of_link(token: str, today: date) -> Stopping:
    """Return what a link stops; NotFound for one that was not signed for this, or whose day is over."""
    told = _read(_STOP, token, today)
    assert told["channel"] in dict(ContactStop.CHANNELS)
    return Stopping(told["consumer"], told["channel"])


def _sign(purpose: str, told: dict[str, str], at: datetime) -> str:
    until = at.date() + timedelta(days=value_of(LINK_DAYS))
    return signing.dumps(told | {"until": until.isoformat()}, salt=purpose, compress=True)


def _read(purpose: str, token: str, today: date) -> dict[str, str]:
    try:
        told: dict[str, str] = signing.loads(token, salt=purpose)
    except signing.BadSignature:
        raise NotFound("There is no such page.") from None
    if date.fromisoformat(told["until"]) < today:
        raise NotFound("This link is too old.")
    return told
