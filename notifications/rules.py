"""Pure rules of messages: channels, hours of sending, retries, and the formats of words, amounts and dates."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from babel import Locale
from babel.dates import format_date

from core.hours import after_quiet_hours
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

    `gated`: about what is owed, and sent through the gate of contacts (`collection.services.pass_gate`). `asks`: such a message that asks
    to pay, and that a promise, a wish of the person or the market's limit holds back too. `wanted`: the person asked for it on a
    call, so that no promise and no limit holds it back.
    """

    loud: bool = True
    waits: bool = False
    sms_waits: bool = True
    while_open: bool = False
    patient: bool = False
    gated: bool = False
    asks: bool = False
    wanted: bool = False


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
    "payment_upcoming": Kind(waits=True, while_open=True, patient=True, gated=True),
    "payment_failed": Kind(waits=True, while_open=True, patient=True, gated=True, asks=True),
    "payment_late": Kind(waits=True, while_open=True, patient=True, gated=True, asks=True),
    "late_reminder": Kind(waits=True, while_open=True, patient=True, gated=True, asks=True),
    "late_notice": Kind(waits=True, while_open=True, patient=True, gated=True),
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
    "relief_offered": Kind(waits=True),
    "promise_made": Kind(waits=True, gated=True),
    "case_letter": Kind(waits=True, gated=True),
    "case_letter_asks": Kind(waits=True, gated=True, asks=True),
    "pay_link": Kind(while_open=True, gated=True, asks=True, wanted=True),
    "settlement_offered": Kind(waits=True, gated=True),
    "settlement_accepted": Kind(waits=True, gated=True),
    "settlement_paid": Kind(waits=True),
    "settlement_broken": Kind(waits=True, gated=True),
    "promise_broken": Kind(waits=True, while_open=True, patient=True, gated=True, asks=True),
    "plan_given_up": Kind(waits=True, gated=True),
    "debt_placed": Kind(waits=True, gated=True),
    "debt_recalled": Kind(waits=True, gated=True),
    "debt_sold": Kind(waits=True, gated=True),
    "debt_returned": Kind(waits=True, gated=True),
    "fee_charged": Kind(waits=True, patient=True, gated=True),
    "reward_earned": Kind(waits=True, patient=True),
    "credit_earned": Kind(loud=False),
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
    "staff_factor": Kind(),
    "security_changed": Kind(sms_waits=False),
    "contact_change": Kind(sms_waits=False),
    "identity_proof": Kind(),
    "request_received": Kind(),
    "agreement_withdrawn": Kind(),
    "request_answered": Kind(),
}


def channels(kind: Kind, *, has_email: bool, by_sms: bool = False, only_inbox: bool = False, by: str = "") -> list[str]:
    """Return the channels of a message to a consumer: always the inbox, and one other if the kind is loud and not `only_inbox`.

    That is the e-mail of who has an address, unless it is to go `by_sms`. Or the one channel `by` alone.
    """
    if by:
        return [by]
    return ["inbox", *(["email" if has_email and not by_sms else "sms"] if kind.loud and not only_inbox else [])]


def not_before(
    kind: Kind, channel: str, *, at: datetime, zone: str, hours: tuple[time, time], is_quiet: Callable[[date], bool] | None = None
) -> datetime:
    """Return the moment from which a message may be sent: now, or after the quiet hours of its kind and channel.

    `hours` are those in which the person's market lets people be contacted (`markets`, `contact.hours`), and `is_quiet` says on which days
    nobody there is asked to pay (`contact.quiet`).
    """
    waits = {"email": kind.waits, "sms": kind.waits or kind.sms_waits}.get(channel, False)
    if not waits:
        return at
    return after_quiet_hours(at, zone, hours, is_quiet) if kind.asks and is_quiet else after_quiet_hours(at, zone, hours)


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
