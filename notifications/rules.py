"""Pure rules of messages: channels, hours of sending, retries, and the formats of words, amounts and dates."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date

from core.sentences import Sentence

RETRY_S = (60, 300, 1800, 7200, 21_600)
"""Seconds from one try to the next; after the last, the message has failed."""

_YEAR = re.compile(r"[\s,]*y+")


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of message is delivered.

    `loud`: also sent by e-mail, or by SMS to a person without an e-mail address; otherwise only in the inbox. `waits`: respects quiet hours
    by e-mail. `sms_waits`: respects quiet hours by SMS. Messages to a person who is shopping right now respect neither.

    `while_open`: outdated once the installments that it mentions are closed. `patient`: made by timers for many people at once, and sent
    after messages about what a person has just done.
    """

    loud: bool = True
    waits: bool = False
    sms_waits: bool = True
    while_open: bool = False
    patient: bool = False


KINDS = {
    "order_authorized": Kind(sms_waits=False),
    "order_held": Kind(sms_waits=False),
    "order_takes_longer": Kind(waits=True),
    "order_approved": Kind(),
    "order_rejected": Kind(),
    "order_undecided": Kind(),
    "order_not_shipped": Kind(),
    "order_canceled": Kind(),
    "application_refused": Kind(),
    "identity_refused": Kind(),
    "order_shipped": Kind(),
    "order_refunded": Kind(),
    "order_released": Kind(),
    "payment_upcoming": Kind(waits=True, while_open=True, patient=True),
    "payment_failed": Kind(waits=True, while_open=True, patient=True),
    "payment_late": Kind(waits=True, while_open=True, patient=True),
    "payment_received": Kind(waits=True, patient=True),
    "payment_waived": Kind(loud=False),
    "plan_completed": Kind(loud=False),
    "payment_arrived": Kind(waits=True),
    "deposit_paid": Kind(waits=True),
    "deposit_failed": Kind(waits=True),
    "deposit_returned": Kind(waits=True),
    "payment_reversed": Kind(waits=True),
    "payment_reinstated": Kind(waits=True),
    "refund_failed": Kind(waits=True),
    "refund_arrived": Kind(waits=True),
    "plan_stopped": Kind(waits=True),
    "plan_resumed": Kind(waits=True),
    "schedule_changed": Kind(),
    "promise_made": Kind(waits=True),
    "promise_broken": Kind(waits=True, patient=True),
    "plan_given_up": Kind(waits=True),
    "debt_sold": Kind(waits=True),
    "debt_returned": Kind(waits=True),
    "fee_charged": Kind(waits=True, patient=True),
    "fees_ended": Kind(waits=True, patient=True),
    "limit_changed": Kind(loud=False),
    "limit_cut": Kind(),
    "hold_opened": Kind(),
    "hold_prepared": Kind(),
    "hold_delayed": Kind(),
    "hold_decided": Kind(),
    "member_invited": Kind(),
    "payout_bounced": Kind(),
    "payout_arrived": Kind(),
    "payout_resent": Kind(),
    "shop_suspended": Kind(),
    "shop_reopened": Kind(),
    "change_proposed": Kind(),
    "proposal_expired": Kind(),
    "day_anchored": Kind(),
    "operator_invited": Kind(),
    "operator_password": Kind(),
    "operator_locked_out": Kind(),
    "member_password": Kind(),
    "password_changed": Kind(),
    "request_received": Kind(),
    "agreement_withdrawn": Kind(),
    "request_answered": Kind(),
}
OF_ARREARS = frozenset({"payment_upcoming", "payment_failed", "payment_late", "promise_made", "promise_broken", "plan_given_up"})
"""Kinds that ask a person to pay, which nobody gets for whom collecting stands still."""


def channels(kind: Kind, *, has_email: bool) -> list[str]:
    """Return the channels of a message to a consumer: always the inbox, and one other channel if the kind is loud."""
    return ["inbox", *(["email" if has_email else "sms"] if kind.loud else [])]


def not_before(kind: Kind, channel: str, *, at: datetime, zone: str, hours: tuple[time, time]) -> datetime:
    """Return the moment from which a message may be sent: now, or after the quiet hours of its kind and channel.

    `hours` are those in which the person's market lets people be contacted (`markets`, `contact.hours`).
    """
    waits = {"email": kind.waits, "sms": kind.waits or kind.sms_waits}.get(channel, False)
    return after_quiet_hours(at, zone, hours) if waits else at


def after_quiet_hours(at: datetime, zone: str, hours: tuple[time, time]) -> datetime:
    """Return the given time if it is within the hours in the time zone, otherwise the next time at which they begin there."""
    begin, end = hours
    place = ZoneInfo(zone)
    local = at.astimezone(place)
    if begin <= local.time() < end:
        return at
    day = local.date() + timedelta(days=local.time() >= end)
    return datetime.combine(day, begin, place).astimezone(at.tzinfo)


def next_try(*, tries: int, at: datetime) -> datetime | None:
    """Return when to try again after `tries` failed ones (wall time), or None if no try is left."""
    return at + timedelta(seconds=RETRY_S[tries - 1]) if tries <= len(RETRY_S) else None


def day_text(day: date, locale: str) -> str:
    """Write a date with its weekday: "Sunday, December 6"."""
    pattern = _YEAR.sub("", str(Locale.parse(locale).date_formats["full"].pattern))
    return str(format_date(day, pattern, locale=locale))


def payments_text(places: Sequence[int]) -> str:
    """Write the numbers of payments in order: "payment 2", "payments 1 and 2", "payments 1 to 6", "payments 1, 2 and 4"."""
    first, last = places[0], places[-1]
    if first == last:
        return Sentence("payment %(n)s", n=first)
    if len(places) > 2 and last - first == len(places) - 1:
        return Sentence("payments %(first)s to %(last)s", first=first, last=last)
    return Sentence("payments %(first)s and %(last)s", first=", ".join(map(str, places[:-1])), last=last)
