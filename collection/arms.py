"""What came of reminders by the table of a market and by models: who paid within days, contacts, cost and complaints."""

from dataclasses import dataclass, field
from datetime import date

from collection.needs import LATE_THEN, OWED_THEN, PAID_ON
from collection.segments import Arm, Need
from collection.settable import COST_CALL, COST_EMAIL, COST_SMS
from core.adjusting import value_of
from core.db import rows

HORIZONS = (7, 14, 30)
"""Days after a person was judged within which it is counted whether they paid all that was late then."""
LONGEST = HORIZONS[-1]
_SOON = f"who.day AND who.day + {LONGEST}"
_KNOWN = ", ".join(
    f"count(*) FILTER (WHERE g.paid_on IS NOT NULL AND who.day + {days} <= %(today)s),"
    f" count(*) FILTER (WHERE g.paid_on <= who.day + {days} AND who.day + {days} <= %(today)s)"
    for days in HORIZONS
)
_MEASURED = f"""
    SELECT who.arm, who.need, count(*), count(*) FILTER (WHERE g.paid_on <= who.day + {LONGEST} AND g.paid_on <= %(today)s),
        sum(m.emails)::bigint, sum(m.sms)::bigint, sum(k.calls)::bigint, sum(w.complaints)::bigint, {_KNOWN}
    FROM collection_lateneed who JOIN accounts_consumer c ON c.id = who.consumer_id
    CROSS JOIN LATERAL (
        SELECT max(coalesce(d.paid, 'infinity')) AS paid_on
        FROM plans_plan p JOIN plans_installment i ON i.plan_id = p.id CROSS JOIN LATERAL (SELECT {PAID_ON} AS paid) d
        WHERE p.consumer_id = who.consumer_id AND {OWED_THEN} AND {LATE_THEN}) g
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE e.channel = 'email') AS emails, count(*) FILTER (WHERE e.channel = 'sms') AS sms
        FROM collection_contact e WHERE e.consumer_id = who.consumer_id AND e.day BETWEEN {_SOON}) m
    CROSS JOIN LATERAL (
        SELECT count(*) AS calls FROM collection_call e WHERE e.consumer_id = who.consumer_id AND e.day BETWEEN {_SOON}) k
    CROSS JOIN LATERAL (
        SELECT count(*) AS complaints FROM collection_complaint e
        WHERE e.consumer_id = who.consumer_id AND (e.made_at AT TIME ZONE c.time_zone)::date BETWEEN {_SOON}) w
    WHERE c.market_id = %(market)s AND who.day BETWEEN %(first)s AND %(last)s
    GROUP BY who.arm, who.need"""  # noqa: S608  (words of our own)


@dataclass(slots=True)
class Measured:
    """What came of some late people: by horizon how many are known, and how many of them paid; the rest within 30 days, so far."""

    people: int = 0
    paid: int = 0
    emails: int = 0
    sms: int = 0
    calls: int = 0
    complaints: int = 0
    known: dict[int, int] = field(default_factory=lambda: dict.fromkeys(HORIZONS, 0))
    paid_within: dict[int, int] = field(default_factory=lambda: dict.fromkeys(HORIZONS, 0))

    @property
    def contacts(self) -> int:
        """Messages that asked to pay, and calls."""
        return self.emails + self.sms + self.calls

    @property
    def cost_cents(self) -> int:
        """What these cost, in euro cents, by the settings of now."""
        return self.emails * value_of(COST_EMAIL) + self.sms * value_of(COST_SMS) + self.calls * value_of(COST_CALL)

    def add(self, other: "Measured") -> None:
        """Add what came of other people."""
        for name in ("people", "paid", "emails", "sms", "calls", "complaints"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for days in HORIZONS:
            self.known[days] += other.known[days]
            self.paid_within[days] += other.paid_within[days]


def measure_arms(*, market: str, first: date, last: date, today: date) -> dict[tuple[Arm, Need], Measured]:
    """Return what came of the people of a market who were judged in a span of days, by arm and need, as of a day; one query."""
    found: dict[tuple[Arm, Need], Measured] = {}
    for arm, need, people, paid, emails, sms, calls, complaints, *by_days in rows(
        _MEASURED, {"market": market, "first": first, "last": last, "today": today}
    ):
        known, within = dict(zip(HORIZONS, by_days[::2], strict=True)), dict(zip(HORIZONS, by_days[1::2], strict=True))
        found[Arm(arm), Need(need)] = Measured(people, paid, emails, sms, calls, complaints, known, within)
    return found
