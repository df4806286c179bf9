"""How well fraud is stopped, by week, rule and shop. Counted on request, so that a label changes the figures at once."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q

from checkout.models import Order, OrderReview
from checkout.states import OrderReviewStatus
from core.ids import parse_id
from core.moments import amount_words, day_words, percent_words
from fraud.models import Assessment, FraudCase, Label
from fraud.states import Said, Verdict
from operations.fraud.finding import rule_names, shop_names

WEEKS = 12
MOST = 20_000
"""The most cases that are counted, newest first."""
SHOPS = 20
"""The most shops that are shown."""
STOPPED = (Verdict.HOLD.value, Verdict.BLOCK.value)
BAR, GAP, HEIGHT = 18, 10, 120
"""The width of a bar, the gap between two weeks, and the height of the drawing, in pixels."""


@dataclass
class Tally:
    """Checkouts stopped in a week or by a rule, how many of them were labeled fraud or honest, and fraud that was not stopped."""

    stopped: int = 0
    fraud: int = 0
    honest: int = 0
    missed: int = 0
    saved: Counter[str] = field(default_factory=Counter)
    waits: list[timedelta] = field(default_factory=list)

    @property
    def precision(self) -> str:
        """The share of fraud among stopped checkouts with a label."""
        return _share(self.fraud, self.fraud + self.honest)

    @property
    def caught(self) -> str:
        """The share of known fraud that was stopped."""
        return _share(self.fraud, self.fraud + self.missed)

    @property
    def saved_words(self) -> str:
        """The money of stopped fraud, by currency."""
        return " · ".join(amount_words(minor, currency) for currency, minor in sorted(self.saved.items())) or "–"

    @property
    def hours(self) -> float | None:
        """The average time from an attempt to its label, in hours."""
        return round(sum(self.waits, timedelta()).total_seconds() / 3_600 / len(self.waits), 1) if self.waits else None


Row = tuple[str, Tally, str]
"""A name, its tally, and the list filter that finds its cases."""


def _share(part: int, whole: int) -> str:
    return percent_words(round(part * 10_000 / whole)) if whole else "–"


def figures_of(at: datetime) -> dict[str, Any]:
    """Return the figures of the last 12 weeks, by week, rule and shop, with the chart; always five queries."""
    first = _monday(at) - timedelta(weeks=WEEKS - 1)
    weeks = {first + timedelta(weeks=n): Tally() for n in range(WEEKS)}
    rules, shops = defaultdict[str, Tally](Tally), defaultdict[str, Tally](Tally)
    whole = Tally()
    found = FraudCase.objects.filter(at__gte=datetime.combine(first, datetime.min.time(), at.tzinfo), at__lte=at, verdict__in=STOPPED)
    cases = list(found.order_by("-at", "-id")[:MOST])
    let_go = _let_go(cases)
    # A checkout with several attempts counts once, by its last attempt.
    for case in {case.subject: case for case in reversed(cases)}.values():
        for tally in (whole, weeks[_monday(case.at)], shops[case.merchant], *(rules[rule] for rule in case.held_by)):
            _add(tally, case, let_go)
    for went_on in _missed(first, at):
        for tally in (whole, weeks[_monday(went_on)]):
            tally.missed += 1
    told = [(day_words(monday), tally, "") for monday, tally in weeks.items()]
    drawn = {"bars": _bars(told), "width": WEEKS * (2 * BAR + GAP), "height": HEIGHT}
    return drawn | {"whole": whole, "weeks": told[::-1], "rules": _by_rule(rules), "shops": _by_shop(shops)}


def _by_rule(rules: dict[str, Tally]) -> list[Row]:
    names = rule_names()
    most = sorted(rules.items(), key=lambda one: -one[1].stopped)
    return [(names.get(key, key), tally, f"?rule={key}") for key, tally in most]


def _by_shop(shops: dict[str, Tally]) -> list[Row]:
    """Return the shops with the most fraud; among equals, those with the most held or refused."""
    worst = sorted(shops.items(), key=lambda one: (-one[1].fraud - one[1].missed, -one[1].stopped))[:SHOPS]
    names = shop_names(key for key, _tally in worst)
    return [(names.get(key, key), tally, f"?shop={key}") for key, tally in worst]


def _monday(at: datetime) -> date:
    return at.date() - timedelta(days=at.weekday())


def _add(tally: Tally, case: FraudCase, let_go: set[str]) -> None:
    tally.stopped += 1
    if case.labeled_at:
        tally.waits.append(case.labeled_at - case.at)
    if case.label == Said.HONEST:
        tally.honest += 1
    elif case.label == Said.FRAUD and case.order in let_go:
        tally.missed += 1
    elif case.label == Said.FRAUD:
        tally.fraud += 1
        tally.saved[case.currency] += case.amount_minor


def _let_go(cases: list[FraudCase]) -> set[str]:
    """Return the orders that two people approved after a hold, and that turned out to be fraud."""
    held = {parse_id(Order.PREFIX, case.order): case.order for case in cases if case.order and case.label == Said.FRAUD}
    approved = OrderReview.objects.filter(order__in=held, status=OrderReviewStatus.APPROVED).values_list("order_id", flat=True)
    return {held[key] for key in approved}


def _missed(first: date, at: datetime) -> list[datetime]:
    """Return the times of attempts that were never stopped and turned out to be fraud."""
    known = Label.objects.filter(~Q(order=""), is_fraud=True, ended_at=None).values("order")
    went_on = Assessment.objects.filter(order__in=known, verdict=Verdict.ALLOW, at__date__gte=first, at__lte=at)
    return list(went_on.exclude(order="").values_list("at", flat=True)[:MOST])


def _bars(weeks: list[Row]) -> list[dict[str, Any]]:
    """Return two bars for each week: the numbers of fraud and of honest cases among what was stopped."""
    most = max((max(tally.fraud, tally.honest) for _day, tally, _link in weeks), default=0) or 1
    bars = []
    for place, (day, tally, _link) in enumerate(weeks):
        for side, (kind, count) in enumerate((("fraud", tally.fraud), ("honest", tally.honest))):
            height = round(count * (HEIGHT - 4) / most)
            where = {"x": place * (2 * BAR + GAP) + side * BAR, "y": HEIGHT - height, "height": height}
            bars.append(where | {"kind": kind, "day": day, "count": count})
    return bars
