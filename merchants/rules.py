"""Pure rules of merchants: fees, rights of roles in a team, and the sums of a day's statement."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.money import bps_of
from core.sentences import marked

READ = frozenset({"orders.read", "settlements.read", "reports.read"})
PERMISSIONS: Mapping[str, frozenset[str]] = {
    "viewer": READ,
    "developer": READ | {"keys.write", "webhooks.write"},
    "finance": READ | {"orders.refund"},
    "manager": READ | {"orders.capture", "orders.refund", "orders.void", "brand.write"},
    "owner": READ | {"orders.capture", "orders.refund", "orders.void", "brand.write", "keys.write", "webhooks.write", "team.write"},
}
"""The actions that each role of a team may do."""
SCOPES: Mapping[str, str] = {
    "checkouts.write": marked("opens, changes and closes checkouts"),
    "orders.read": marked("reads checkouts, orders and events"),
    "orders.capture": marked("captures and extends orders"),
    "orders.refund": marked("refunds orders"),
    "orders.void": marked("voids orders and releases what is left of them"),
    "settlements.read": marked("reads settlements"),
    "webhooks.write": marked("reads and changes webhook endpoints"),
}
"""The scopes of a secret key."""

BANK_DAYS = 2
SATURDAY = 5


def may(role: str, action: str) -> bool:
    """Return whether a role may do an action; unknown roles may do nothing."""
    return action in PERMISSIONS.get(role, frozenset())


def scopes_of(role: str) -> frozenset[str]:
    """Return the scopes of keys made by a role: no more than the role's own rights, plus opening checkouts for roles that make keys."""
    allowed = PERMISSIONS.get(role, frozenset())
    return frozenset(SCOPES) & (allowed | {"checkouts.write"}) if "keys.write" in allowed else frozenset()


def fee_minor(*, amount_minor: int, bps: int, fixed_minor: int = 0) -> int:
    """Return the merchant's fee on a captured amount: basis points rounded half up and a fixed part, at most the amount."""
    return min(bps_of(amount_minor, bps) + fixed_minor, amount_minor)


def days_to_settle(*, last: date | None, created: date, today: date) -> Iterator[date]:
    """Yield each day that has ended and has no statement yet, oldest first; the first one is the day of creation."""
    day = created if last is None else last + timedelta(days=1)
    while day < today:
        yield day
        day += timedelta(days=1)


def end_of_day(day: date, zone: str) -> datetime:
    """Return the end of a day in a time zone."""
    return datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(zone))


def arrives_by(sent: date) -> date:
    """Return the day by which a payout arrives: two bank days after it was sent; Saturdays and Sundays are not bank days."""
    day = sent
    for _bank_day in range(BANK_DAYS):
        day += timedelta(days=1)
        while day.weekday() >= SATURDAY:
            day += timedelta(days=1)
    return day


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The changes of a merchant's balance since the last statement, in minor units; only `opening` may be negative.

    A `held` statement is not paid out, since a payout to the shop's bank account came back.
    """

    opening_minor: int
    sales_minor: int = 0
    returns_minor: int = 0
    fees_minor: int = 0
    fee_refunds_minor: int = 0
    bounced_minor: int = 0
    subsidies_minor: int = 0
    subsidy_refunds_minor: int = 0
    held: bool = False

    @property
    def balance_minor(self) -> int:
        """The amount owed to the merchant; negative if the merchant owes."""
        sold = self.sales_minor - self.returns_minor - self.fees_minor + self.fee_refunds_minor
        return self.opening_minor + sold + self.bounced_minor - self.subsidies_minor + self.subsidy_refunds_minor

    @property
    def payout_minor(self) -> int:
        """The amount paid out: the whole balance if positive and not held, else 0; the rest rolls over."""
        return 0 if self.held else max(self.balance_minor, 0)

    @property
    def closing_minor(self) -> int:
        """The balance after the payout."""
        return self.balance_minor - self.payout_minor
