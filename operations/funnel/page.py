"""The funnel as plain values, and the lines of its file."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from checkout.journeys import DEVICES, OPENINGS, STEPS, list_stopped
from checkout.models import Checkout, Journey
from core.clock import local_date
from core.moments import amount_words, day_words, percent_words
from markets.queries import list_markets
from operations.choosing import all_markets, chosen, chosen_number
from reports.funnel.queries import Asked, Page, busiest_shops, by_week, counted_at, funnel

SPANS = (7, 28, 91)
MOST_SHOPS = 50
MOST_STOPPED = 100


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the page was asked for, in days up to today, and the shops that it offers, by key and name."""

    span: Asked
    days: int
    shops: list[tuple[str, str]]

    @property
    def query(self) -> str:
        """The query string of the page."""
        told: dict[str, str] = {"days": str(self.days), "market": self.span.market, "shop": self.span.merchant}
        return urlencode(told | {"device": self.span.device, "opening": self.span.opening})


def asked_by(request: HttpRequest, at: datetime) -> Narrowed:
    """Return what a request asks for; unknown values count as none."""
    days = chosen_number(request, "days", SPANS, 28)
    last = max(local_date(at, one.time_zone) for one in list_markets())
    span = Asked(
        last - timedelta(days=days - 1),
        last,
        market=chosen(request, "market", all_markets()),
        device=chosen(request, "device", list(devices().items())),
        opening=chosen(request, "opening", list(openings().items())),
    )
    shops = busiest_shops(span, most=MOST_SHOPS)
    return Narrowed(replace(span, merchant=chosen(request, "shop", shops)), days, shops)


def titles() -> dict[str, str]:
    """Return the names of the pages of a checkout."""
    named = (_("Who are you?"), _("Code"), _("Details"), _("Check"), _("Waiting for the check"), _("Income and costs"))
    return dict(zip(STEPS, (*named, _("Another code"), _("Refused"), _("Choice of a plan"), _("Purchase made")), strict=True))


def devices() -> dict[str, str]:
    """Return the names of kinds of devices."""
    return dict(zip(DEVICES, (_("Phone"), _("Tablet"), _("Computer"), _("Unknown device")), strict=True))


def openings() -> dict[str, str]:
    """Return the names of the ways in which shops open a checkout."""
    return dict(zip(OPENINGS, (_("Page of its own"), _("Window"), _("Frame in the shop")), strict=True))


def page_of(asked: Narrowed) -> dict[str, Any]:
    """Return the content of the page."""
    pages = funnel(asked.span)
    began = max((one.reached for one in pages), default=0)
    return {
        "rows": [_row(one, began, asked) for one in pages],
        "weeks": _weeks(asked.span, [one.step for one in pages]),
        "pages": [titles()[one.step] for one in pages],
        "counted_at": counted_at(),
        "asked": asked,
        "spans": [(days, ngettext("%(n)s day", "%(n)s days", days) % {"n": days}) for days in SPANS],
        "markets": all_markets(),
        "devices": list(devices().items()),
        "openings": list(openings().items()),
        "file": f"?{asked.query}&as=csv",
    }


def _row(one: Page, began: int, asked: Narrowed) -> dict[str, Any]:
    return {
        "title": titles()[one.step],
        "width": 100 * one.reached // began,
        "reached": one.reached,
        "share": _share(one.reached, began),
        "stopped": one.stopped,
        "stopped_share": _share(one.stopped, one.reached),
        "link": f"{reverse('admin:reports_funnel_stopped', args=[one.step])}?{asked.query}" if one.stopped else "",
        "seconds": time_words(one.seconds),
        "errors": one.errors,
    }


def _share(part: int, whole: int) -> str:
    """Return a share in whole percent."""
    return percent_words(100 * round(100 * part / whole))


def time_words(seconds: int | None) -> str:
    """Return a time in minutes and seconds, `1:05`; a dash for none."""
    return "–" if seconds is None else f"{seconds // 60}:{seconds % 60:02}"


def _weeks(span: Asked, steps: list[str]) -> list[dict[str, Any]]:
    """Return the weeks in which people began: how many, and which share of them reached each page."""
    weeks = []
    for monday, reached in by_week(span):
        began = max(reached.values(), default=0) or 1
        weeks.append(
            {
                "title": _("Week from %(day)s") % {"day": day_words(monday, "short")},
                "began": began,
                "shares": [(titles()[step], _share(reached.get(step, 0), began)) for step in steps],
            }
        )
    return weeks


def header() -> list[str]:
    """Return the heading of the file."""
    return [_("Page"), _("Reached"), _("Share"), _("Stopped here"), _("Seconds, median"), _("Most frequent errors")]


def lines_of(asked: Narrowed) -> Iterator[list[str | int | Decimal]]:
    """Yield the lines of the file; shares in percent of those who began."""
    pages = funnel(asked.span)
    began = max((one.reached for one in pages), default=0)
    for one in pages:
        share = Decimal(10_000 * one.reached // began) / 100
        errors = ", ".join(f"{code}: {count}" for code, count in one.errors)
        yield [titles()[one.step], one.reached, share, one.stopped, "" if one.seconds is None else one.seconds, errors]


def stopped_of(asked: Narrowed, step: str, user: User) -> dict[str, Any]:
    """Return the newest checkouts of the span (its days in UTC) that came no further than a page."""
    span = asked.span
    narrow = {"market": span.market, "merchant": span.merchant, "device": span.device, "opening": span.opening}
    since, until = _begins(span.first), _begins(span.last + timedelta(days=1))
    found = list_stopped(step=step, since=since, until=until, most=MOST_STOPPED, **narrow)
    links = user.has_perm("checkout.view_checkout")
    return {
        "step": titles()[step],
        "rows": [_stopped(journey, checkout, links=links) for journey, checkout in found],
        "most": MOST_STOPPED if len(found) == MOST_STOPPED else 0,
        "back": f"{reverse('admin:reports_funnelday_changelist')}?{asked.query}",
    }


def _begins(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _stopped(journey: Journey, checkout: Checkout | None, *, links: bool) -> dict[str, Any]:
    return {
        "at": journey.step_at,
        "shop": journey.merchant.name,
        "amount": amount_words(checkout.amount_minor, checkout.currency) if checkout else "–",
        "reference": checkout.merchant_reference if checkout else "",
        "link": reverse("admin:checkout_checkout_change", args=[checkout.pk]) if checkout and links else "",
        "device": devices()[journey.device],
        "opening": openings()[journey.opening],
        "after": time_words((journey.step_at - journey.began_at) // timedelta(seconds=1)),
        "errors": sorted(journey.errors.items(), key=lambda pair: -pair[1]),
    }
