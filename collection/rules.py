"""When and with which method a failed payment is tried again. Pure: knows neither Django nor the clock."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

Action = Literal["retry", "authenticate", "replace_method"]


class DeclineClass(StrEnum):
    """Classes of decline codes, by when and how to try again."""

    HARD = "hard"
    """Stolen, closed, expired: never try that method again."""
    FUNDS = "funds"
    """No money now, or the bank refuses without a reason: try again later, near payday."""
    TECHNICAL = "technical"
    """A system was down: try again in minutes, then hours."""
    AUTHENTICATION = "authentication"
    """The person has to confirm: send a link, never retry without them."""
    TOO_SMALL = "too_small"
    """Below the minimum of card networks: the card is fine, but a retry would fail too."""


# Codes of the sandbox and of Stripe (docs.stripe.com/declines/codes), and ours for charges closed by two people; others count as FUNDS.
_HARD = """
    account_closed gateway_gone bank_account_closed card_not_supported currency_not_supported debit_not_authorized expired_card fraudulent
    highest_risk_level incorrect_cvc incorrect_number incorrect_zip invalid_account invalid_cvc invalid_expiry_month
    invalid_expiry_year invalid_number invalid_request lost_card merchant_blacklist new_account_information_available no_account
    not_permitted payment_method_unknown payment_method_unactivated pickup_card restricted_card revocation_of_all_authorizations
    revocation_of_authorization security_violation service_not_allowed stolen_card stop_payment_order testmode_decline
    transaction_not_allowed"""
_TECHNICAL = "never_made approve_with_id issuer_not_available lock_timeout processing_error rate_limit reenter_transaction try_again_later"
_AUTHENTICATION = "authentication_not_handled authentication_required offline_pin_required online_or_offline_pin_required"
DECLINES: dict[str, DeclineClass] = {
    **dict.fromkeys(_HARD.split(), DeclineClass.HARD),
    **dict.fromkeys(_TECHNICAL.split(), DeclineClass.TECHNICAL),
    **dict.fromkeys(_AUTHENTICATION.split(), DeclineClass.AUTHENTICATION),
    "amount_too_small": DeclineClass.TOO_SMALL,
}

CHARGE_OFF_DAYS = 120
"""After how many days late a plan can be given up, unless its market has a setting."""

FUNDS_DAYS = (1, 3, 5)
PAY_DAYS = (1, 15, 25)
PAY_DAY_HOUR = time(9)
TECHNICAL_WAITS = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 180, 360, 720))
DAILY = timedelta(days=1)


def classify(failure: str) -> DeclineClass:
    """Return the class of a decline code; an unknown one is tried again like missing funds."""
    return DECLINES.get(failure, DeclineClass.FUNDS)


def next_pay_day(at: datetime, zone: str) -> datetime:
    """Return the next 1st, 15th or 25th after today in a time zone, at nine in the morning there."""
    place = ZoneInfo(zone)
    day = at.astimezone(place).date() + timedelta(days=1)
    while day.day not in PAY_DAYS:
        day += timedelta(days=1)
    return datetime.combine(day, PAY_DAY_HOUR, tzinfo=place)


def next_attempt(*, kind: DeclineClass, tries: int, at: datetime, zone: str) -> datetime:
    """Return when to try a method again that has failed `tries` times (at least once) for a payment.

    Missing funds: after 1, 3 and 5 days, then on paydays. Technical: after 5 and 15 minutes, 1, 3, 6 and 12 hours, then daily.
    """
    if kind is DeclineClass.TECHNICAL:
        return at + (TECHNICAL_WAITS[tries - 1] if tries <= len(TECHNICAL_WAITS) else DAILY)
    if tries <= len(FUNDS_DAYS):
        return at + timedelta(days=FUNDS_DAYS[tries - 1])
    return next_pay_day(at, zone)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The consequence of a failed payment: the message to the person, and the next attempt (None: at once, or with a new method)."""

    action: Action
    next_attempt_at: datetime | None
    blocks: bool


def judge(
    *, failure: str, method: uuid.UUID, usable: Sequence[uuid.UUID], tries: Mapping[uuid.UUID, int], at: datetime, zone: str
) -> Verdict:
    """Decide the consequence of a failed payment.

    `usable` are the consumer's chargeable methods before the failure, in order; `tries` is how often each has failed for this payment, this
    time included. A method that was not tried yet is tried at once, so that backup methods are tried on the first day.
    """
    kind = classify(failure)
    blocks = kind in {DeclineClass.HARD, DeclineClass.AUTHENTICATION}
    others = [other for other in usable if other != method]
    if any(not tries.get(other) for other in others):
        return Verdict("retry", None, blocks)
    if not blocks:
        return Verdict("retry", next_attempt(kind=kind, tries=max(1, tries.get(method, 1)), at=at, zone=zone), blocks)
    if others:
        again = min(tries.get(other, 1) for other in others)
        return Verdict("retry", next_attempt(kind=DeclineClass.FUNDS, tries=again, at=at, zone=zone), blocks)
    return Verdict("authenticate" if kind is DeclineClass.AUTHENTICATION else "replace_method", None, blocks)


def choose_method(*, usable: Sequence[uuid.UUID], tries: Mapping[uuid.UUID, int]) -> uuid.UUID | None:
    """Return the method to try next for a payment: the one that failed least, the first of those in order; None without any."""
    return min(usable, key=lambda method: (tries.get(method, 0), usable.index(method)), default=None)
