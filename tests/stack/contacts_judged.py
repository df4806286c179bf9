"""What the law and the markets' settings want told to who owes something, counted from the rows of payments alone, and held against what
was sent; written apart from what sends it.
"""

from collections import defaultdict
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Consumer
from collection.models import LateNotice
from markets.models import MarketSetting
from markets.queries import is_holiday
from notifications.models import Message
from payments.models import Charge
from plans.models import Allocation, ChargeOff, Fee, FeePayment, Installment
from plans.states import ChargeOffStatus
from tests.stack.contacts_lived import KEPT_APART, Days, Person

FIRST, LAST = time(8), time(21)
ASKS = {"payment_failed", "payment_late", "late_reminder", "promise_broken"}
"""Kinds of messages that ask to pay; they count for the market's limit, and wait for its quiet days."""
LATE_LETTERS = {"payment_late", "late_reminder"}
WHILE_OPEN = ASKS | {"payment_upcoming", "late_notice"}
ABOUT_DEBT = WHILE_OPEN | {"fee_charged", "plan_given_up", "promise_made"}
LOUD = ("email", "sms")
DAY = timedelta(days=1)
SUNDAY = 7


@dataclass
class Row:
    """An installment, and what it asked and was paid at each moment, with its fees; minor units."""

    person: Person
    plan: str
    number: int
    due: date
    principal: int
    asked: list[tuple[datetime, int]] = field(default_factory=list)
    paid: list[tuple[datetime, int]] = field(default_factory=list)
    fees: list[tuple[datetime, int]] = field(default_factory=list)
    fees_paid: list[tuple[datetime, int]] = field(default_factory=list)

    def open_at(self, at: datetime, *, fees: bool = True) -> int:
        """Return what was open of it at a moment."""
        parts = [(self.asked, 1), (self.paid, -1), *([(self.fees, 1), (self.fees_paid, -1)] if fees else [])]
        return sum(sign * minor for found, sign in parts for when, minor in found if when <= at)

    def open_on(self, day: date) -> bool:
        """Return whether something was open of it at the end of a day where its person lives."""
        return self.open_at(ends(day, self.person.zone), fees=False) > 0


@dataclass
class Told:
    """A message that was sent: when, at which hour and on which day of its person, and about which payments."""

    kind: str
    channel: str
    person: Person
    at: datetime
    about: set[tuple[str, int]]

    @property
    def local(self) -> datetime:
        return self.at.astimezone(ZoneInfo(self.person.zone))

    @property
    def day(self) -> date:
        return self.local.date()


def ends(day: date, zone: str) -> datetime:
    """Return the last moment of a day at a place."""
    return datetime.combine(day + DAY, time.min, tzinfo=ZoneInfo(zone)) - timedelta(seconds=1)


class Judge:
    """Everything that happened, read once; each check yields what is wrong."""

    def __init__(self, days: Days) -> None:
        self.days, self.until = days, days.end
        self.person_of = {key: person for person in days.people for key in person.plans}
        self.names = {plan.pk: key for person in days.people for key, plan in person.plans.items()}
        self.rows = self._rows()
        self.of_plan: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows.values():
            self.of_plan[row.plan].append(row)
        given_up = ChargeOff.objects.filter(plan__in=self.names, status=ChargeOffStatus.CONFIRMED)
        self.given_up = {self.names[one.plan_id]: one.closed_at for one in given_up}
        self.given: dict[tuple[str, str], list[LateNotice]] = defaultdict(list)
        for notice in LateNotice.objects.filter(plan__in=self.names).order_by("at"):
            self.given[self.names[notice.plan_id], notice.kind].append(notice)
        rows = MarketSetting.objects.filter(valid_to=None)
        self.settings: dict[tuple[str, str], Any] = {(row.market_id, row.key): row.value for row in rows}
        self._hear(self._told())

    def _hear(self, told: list[Told]) -> None:
        self.told, self.counts = told, defaultdict[str, int](int)
        self.by_person: dict[int, list[Told]] = defaultdict(list)
        self.by_row: dict[tuple[str, int], list[Told]] = defaultdict(list)
        for one in told:
            self.by_person[one.person.number].append(one)
            for about in one.about:
                self.by_row[about].append(one)

    def if_told(self, told: list[Told]) -> "Judge":
        """Return who judges the same days as if these messages had been sent, and no others."""
        other = copy(self)
        other._hear(told)
        return other

    def _rows(self) -> dict[tuple[str, int], Row]:
        found: dict[Any, Row] = {}
        for one in Installment.objects.filter(plan__in=self.names):
            key = self.names[one.plan_id]
            row = Row(self.person_of[key], key, one.number, one.due_date, one.principal_minor)
            row.asked.append((datetime.min.replace(tzinfo=self.until.tzinfo), one.principal_minor + one.interest_minor))
            found[one.pk] = row
        came = dict(Charge.objects.filter(status="succeeded").values_list("pk", "settled_at"))
        for paid in Allocation.objects.filter(installment__in=found):
            found[paid.installment_id].paid.append((came[paid.charge_id], paid.principal_minor + paid.interest_minor))
        owners = {}
        for fee in Fee.objects.filter(installment__in=found, amount_minor__gt=0):
            owners[fee.pk] = row = found[fee.installment_id]
            row.fees.append((ends(fee.on, row.person.zone), fee.amount_minor))
        for part in FeePayment.objects.filter(fee__in=owners):
            owners[part.fee_id].fees_paid.append((came[part.charge_id], part.amount_minor))
        return {(row.plan, row.number): row for row in found.values()}

    def _told(self) -> list[Told]:
        found = []
        for one in Message.objects.filter(status="sent", kind__in=ABOUT_DEBT).order_by("sent_at", "id"):
            about = one.context.get("about") or {one.context["plan"]: one.context.get("numbers", [])}
            pairs = {(plan, number) for plan, numbers in about.items() for number in numbers}
            found.append(Told(one.kind, one.channel, self.person_of[one.context["plan"]], one.sent_at, pairs))
        return found

    def check(self) -> list[str]:
        """Return everything that is wrong."""
        sent = (self.places, self.hours, self.after_payment, self.limits)
        owed = (self.upcoming, self.late, self.steps, self.notices, self.before_fees)
        return [f"{check.__name__}: {wrong}" for check in (*sent, *owed) for wrong in check()]

    def places(self) -> Iterator[str]:
        """Everybody's time zone is that of where they live."""
        for one in Consumer.objects.filter(plans__in=self.names).distinct():
            person = self.person_of[self.names[one.plans.get().pk]]
            if one.time_zone != person.zone:
                yield f"{person.number} of {person.region} is taken to live in {one.time_zone}"

    def hours(self) -> Iterator[str]:
        """Nothing comes before 8 or after 21 o'clock at the person's place; nobody is asked on a quiet day."""
        for one in self.told:
            if one.channel not in LOUD:
                continue
            self.counts["hours"] += 1
            if not FIRST <= one.local.time() < LAST:
                yield f"{one.kind} to {one.person.number} at {one.local}"
            if one.kind in ASKS and self.is_quiet(one.person.market, one.day):
                yield f"{one.kind} to {one.person.number} on {one.day}"

    def is_quiet(self, market: str, day: date) -> bool:
        """Return whether nobody of a market is asked on a day."""
        sundays, holidays = {"DE": (True, True), "AU": (False, True)}.get(market, (False, False))
        return (sundays and day.isoweekday() == SUNDAY) or (holidays and is_holiday(day, market))

    def after_payment(self) -> Iterator[str]:
        """Nothing is asked or reminded of once it is paid."""
        for one in self.told:
            if one.kind not in WHILE_OPEN or one.channel not in LOUD:
                continue
            self.counts["while open"] += 1
            if one.about and not any(self.rows[pair].open_at(one.at) > 0 for pair in one.about):
                yield f"{one.kind} to {one.person.number} at {one.at} about {sorted(one.about)}"

    def limits(self) -> Iterator[str]:
        """Nobody is asked more often than their market allows."""
        asked: dict[int, list[Told]] = defaultdict(list)
        for one in self.told:
            if one.kind in ASKS and one.channel in LOUD:
                asked[one.person.number].append(one)
        for mine in asked.values():
            limit = self.settings.get((mine[0].person.market, "contact.messages"))
            for one in mine if limit else ():
                recent = [other for other in mine if one.day - limit["days"] * DAY < other.day <= one.day and other.at <= one.at]
                if len(recent) > limit["most"]:
                    yield f"{len(recent)} to {one.person.number} by {one.day}"

    def waits(self, person: Person, day: date, least: int) -> int:
        """Return how many days something that asks may wait from a day on: some, the quiet ones, and those until the limit allows it."""
        limit = self.settings.get((person.market, "contact.messages"))
        days = 0
        while self.is_quiet(person.market, day + days * DAY):
            days += 1
        asked = [one for one in self.by_person[person.number] if one.kind in ASKS and one.channel in LOUD]
        if limit and sum(day - limit["days"] * DAY <= one.day <= day + least * DAY for one in asked) >= limit["most"]:
            days += limit["days"]
        return days + least

    def over(self, day: date) -> bool:
        """Return whether a day lies after the days that were lived."""
        return day >= self.until.date() - DAY

    def upcoming(self) -> Iterator[str]:
        """Each payment that is open so many days before its date is told of before it."""
        for row in self.rows.values():
            before = self.settings.get((row.person.market, "reminder.before_days"), 3)
            first = row.due - before * DAY
            if first <= self._sold(row) or self.over(row.due) or not row.open_on(first) or self.is_given_up(row.plan, first):
                continue
            self.counts["upcoming"] += 1
            mine = [one for one in self.by_row[row.plan, row.number] if one.kind == "payment_upcoming" and one.channel in LOUD]
            if not any(first <= one.day < row.due for one in mine):
                yield f"{row.person.market} {row.plan} {row.number} due on {row.due}: told {[str(one.local) for one in mine]}"

    def _sold(self, row: Row) -> date:
        plan = row.person.plans[row.plan]
        sold: date = plan.created_at.astimezone(ZoneInfo(row.person.zone)).date()
        return sold

    def late(self) -> Iterator[str]:
        """Each payment that is still open at the end of the day after its date is told of within the next one."""
        for row in self.rows.values():
            day = row.due + DAY
            last = day + self.waits(row.person, day, 1) * DAY
            if self.over(last) or not row.open_on(last) or row.person.habit in KEPT_APART or self.is_given_up(row.plan, last):
                continue
            self.counts["late"] += 1
            mine = [one for one in self.by_row[row.plan, row.number] if one.kind in ASKS and one.channel in LOUD]
            if not any(row.due <= one.day <= last for one in mine):
                told = [(one.kind, str(one.local)) for one in mine][:4]
                yield f"{row.person.market} {row.plan} {row.number} due on {row.due}: told {told}"

    def steps(self) -> Iterator[str]:
        """Each step of reminding comes on its day of a person's arrears, and once."""
        for person in self.days.people:
            told = self.settings.get((person.market, "reminder.steps"))
            if told is None or person.habit in KEPT_APART:
                continue
            mine = [one for one in self.by_person[person.number] if one.kind == "late_reminder" and one.channel in LOUD]
            # A letter about what became late since takes the place of a reminder that still waits, and tells all of it.
            telling = [one for one in self.by_person[person.number] if one.kind in LATE_LETTERS and one.channel in LOUD]
            for since, until in self._spells(person):
                for name in ("first", "second", "third"):
                    day = since + told[f"{name}_days"] * DAY
                    last = day + (self.waits(person, day, 2) + told["apart_days"]) * DAY
                    if last >= until or self.over(last):
                        continue
                    self.counts["steps"] += 1
                    if not any(day <= one.day <= last for one in telling):
                        yield f"{person.market} {person.number} late since {since}: {name} step: told {[str(one.local) for one in mine]}"
                inside = [one for one in mine if since < one.day < until]
                if len(inside) > sum(f"{name}_days" in told for name in ("first", "second", "third", "fourth")):
                    yield f"{person.number} late since {since}: {len(inside)} reminders"

    def _spells(self, person: Person) -> Iterator[tuple[date, date]]:
        """Yield since when a person was late without a break, by the oldest due date, and the day on which nothing was late any more."""
        rows = [row for key in person.plans for row in self.of_plan[key] if row.open_on(row.due)]
        day, since = min((row.due for row in rows), default=self.until.date()), None
        while day <= self.until.date():
            late = [row.due for row in rows if row.due < day and row.open_on(day) and not self.is_given_up(row.plan, day)]
            if late and since is None:
                since = min(late)
            elif not late and since is not None:
                yield since, day
                since = None
            day += DAY
        if since is not None:
            yield since, day

    def is_given_up(self, key: str, day: date) -> bool:
        """Return whether a plan was given up by a day."""
        at = self.given_up.get(key)
        return at is not None and at.date() <= day

    def notices(self) -> Iterator[str]:
        """What the law wants told is told on its day; what follows waits for it."""
        for key, person in self.person_of.items():
            rows = self.of_plan[key]
            for kind in ("arrears", "default", "hand_over"):
                law = self.settings.get((person.market, f"notice.{kind}"))
                day = self._owed_on(rows, law, key) if law and person.habit not in KEPT_APART else None
                if day is None:
                    continue
                self.counts[f"notice.{kind}"] += 1
                told = [one.told_at.astimezone(ZoneInfo(person.zone)) for one in self.given[key, kind] if one.told_at]
                if not any(at.date() <= day + 2 * DAY for at in told):
                    given = [str(one.day) for one in self.given[key, kind]]
                    yield f"{person.market} {key}: {kind} owed on {day}, given {given}, told {[str(at) for at in told]}"
            lost, law = self.given_up.get(key), self.settings.get((person.market, "notice.default"))
            if lost and law:
                self.counts["given up"] += 1
                before = [one for one in self.given[key, "default"] if one.told_at and one.told_at + law["days"] * DAY <= lost]
                if not before:
                    yield f"{person.market} {key} was given up at {lost} without a notice"

    def _owed_on(self, rows: list[Row], law: Any, key: str) -> date | None:
        """Return the first day at whose end a notice was owed, if it still was two days later."""
        credit = sum(row.principal for row in rows)
        late = [row for row in rows if row.open_on(row.due)]
        day, last = min((row.due for row in late), default=date.max), self.until.date() - 4 * DAY
        while day <= last and not self.is_given_up(key, day):
            if all(self._meets(late, law, credit, day + later * DAY) for later in range(3)):
                return day
            day += DAY
        return None

    def _meets(self, rows: list[Row], law: Any, credit: int, day: date) -> bool:
        late = [row for row in rows if row.due < day and row.open_on(day)]
        if len(late) < law["payments"]:
            return False
        share = sum(row.open_at(ends(day, row.person.zone), fees=False) for row in late)
        return (day - min(row.due for row in late)).days >= law["from_days"] and share * 10_000 >= law.get("share_bps", 0) * credit

    def before_fees(self) -> Iterator[str]:
        """No fee comes before its payment was told to be late, and each is told."""
        for row in self.rows.values():
            for when, _minor in row.fees:
                self.counts["fees"] += 1
                mine = self.by_row[row.plan, row.number]
                if not any(one.kind in ASKS and row.due <= one.day and one.at <= when for one in mine):
                    yield f"{row.person.market} {row.plan} {row.number}: a fee of {when} before anything was told"
