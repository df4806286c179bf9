"""Which rules of the code a contact of an agency broke, and how an agency's conduct is scored. Pure: knows neither Django nor the clock."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction

from collection.calling import CallRules
from core.hours import after_quiet_hours
from plans.rules.split import round_half_up

POSTAL = frozenset({"letter"})
"""Channels that reach nobody at an hour."""
FEW_CONTACTS, FEW_DEBTS, FEW_COMPLAINTS = 200, 100, 10
"""For a score, so many of each count as well, as all agencies of the market behave: with fewer of its own, an agency is judged by few."""


@dataclass(frozen=True, slots=True)
class Told:
    """A contact about one debt: the moment, the day at the person's place, the channel, and whether the person spoke."""

    at: datetime
    day: date
    channel: str
    talked: bool


@dataclass(frozen=True, slots=True)
class Code:
    """What the market and the person allow about one debt.

    `hours` and `is_quiet` are those of the person's place (`zone`). `messages` is how many messages within how many days, None without a
    limit. `placed_on` and `recalled_at` bound the placement. `forbidden` maps a rule to what it forbids: spans of time (from, until or
    None), and for `asked_not` by channel. Agencies get a file each day, so that what is stored on a day binds them from the next one on.
    """

    zone: str
    hours: tuple[time, time]
    is_quiet: Callable[[date], bool]
    calls: CallRules
    messages: tuple[int, int] | None
    placed_on: date
    recalled_at: datetime | None
    spans: Collection[tuple[str, datetime, datetime | None]]
    asked_not: Collection[tuple[str, datetime, datetime | None]]


def broken_rules(one: Told, earlier: Sequence[Told], code: Code, day_begins: datetime) -> list[str]:
    """Return the rules that a contact broke; `earlier` are contacts about the same debt before it, `day_begins` when its day began there.

    Calls are counted as 12 CFR 1006.14(b)(2) counts them: more than `most` within `days`, or within `quiet_days` after a talk.
    """
    found = {
        "early": one.day < code.placed_on,
        "recalled": code.recalled_at is not None and code.recalled_at < day_begins,
        "asked_not": any(channel == one.channel and _held(since, until, day_begins) for channel, since, until in code.asked_not),
        "hours": one.channel not in POSTAL and after_quiet_hours(one.at, code.zone, code.hours, code.is_quiet) > one.at,
        "often": _is_often(one, earlier, code),
        "talked": one.channel == "call" and _talked(one, earlier, code.calls),
    }
    held = {rule for rule, since, until in code.spans if _held(since, until, day_begins)}
    return [*(rule for rule, broken in found.items() if broken), *sorted(held)]


def _held(since: datetime, until: datetime | None, day_begins: datetime) -> bool:
    """Whether something that was stored before a day began held on that day."""
    return since < day_begins and (until is None or until > day_begins)


def _is_often(one: Told, earlier: Sequence[Told], code: Code) -> bool:
    if one.channel == "call":
        return _count(one, [past for past in earlier if past.channel == "call"], code.calls.days) >= code.calls.most
    if code.messages is None or one.channel not in {"sms", "email"}:
        return False
    most, days = code.messages
    return _count(one, [past for past in earlier if past.channel in {"sms", "email"}], days) >= most


def _count(one: Told, earlier: Sequence[Told], days: int) -> int:
    return sum(past.day > one.day - timedelta(days=days) for past in earlier)


def _talked(one: Told, earlier: Sequence[Told], rules: CallRules) -> bool:
    return any(past.channel == "call" and past.talked and past.day > one.day - timedelta(days=rules.quiet_days) for past in earlier)


@dataclass(frozen=True, slots=True)
class Conduct:
    """Counts of an agency's conduct: contacts and those that broke a rule, debts that it had, complaints and those reported too late."""

    contacts: int = 0
    breaches: int = 0
    debts: int = 0
    complaints: int = 0
    late: int = 0

    @property
    def breaches_per_1000(self) -> int:
        """Contacts that broke the code per 1,000 contacts, rounded up, so that a limit of 0 means none."""
        return -(-1_000 * self.breaches // self.contacts) if self.contacts else 0

    @property
    def complaints_per_1000(self) -> int:
        """Complaints per 1,000 debts that it had, rounded up."""
        return -(-1_000 * self.complaints // self.debts) if self.debts else 0

    @property
    def late_percent(self) -> int:
        """Complaints that it reported too late, in percent, rounded up."""
        return -(-100 * self.late // self.complaints) if self.complaints else 0


@dataclass(frozen=True, slots=True)
class Score:
    """What an agency's conduct is scored by: breaches per 1,000 contacts, complaints per 1,000 debts, and the percent of them told late."""

    breaches: int = 0
    complaints: int = 0
    late: int = 0

    @property
    def points(self) -> int:
        """100, less one for each breach and each complaint, and a fifth of the percent told late; never below 0."""
        return max(0, 100 - self.breaches - self.complaints - self.late // 5)


def score_of(own: Conduct, together: Conduct) -> Score:
    """Return the score of an agency; `together` is the conduct of all agencies of its market, its own included.

    Each figure is drawn towards the mean of all, as if `FEW_CONTACTS` more contacts, `FEW_DEBTS` more debts and `FEW_COMPLAINTS` more
    complaints were like the mean; the mean itself is drawn towards 0 in the same way. One breach of five contacts says little.
    """
    return Score(
        _drawn(1_000, (own.breaches, own.contacts), (together.breaches, together.contacts), FEW_CONTACTS),
        _drawn(1_000, (own.complaints, own.debts), (together.complaints, together.debts), FEW_DEBTS),
        _drawn(100, (own.late, own.complaints), (together.late, together.complaints), FEW_COMPLAINTS),
    )


def _drawn(scale: int, own: tuple[int, int], together: tuple[int, int], few: int) -> int:
    mean = Fraction(together[0], together[1] + few)
    return round_half_up(scale * (own[0] + few * mean) / (own[1] + few))


@dataclass(frozen=True, slots=True)
class Limits:
    """What a market allows of an agency's conduct within `days`, once it reported `contacts`: both per 1,000."""

    days: int
    contacts: int
    breaches: int
    complaints: int


def is_beyond(found: Conduct, limits: Limits) -> bool:
    """Return whether conduct is beyond what a market allows."""
    if found.contacts < limits.contacts:
        return False
    return found.breaches_per_1000 > limits.breaches or found.complaints_per_1000 > limits.complaints
