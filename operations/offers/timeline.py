"""The page of what a person of a market meets around a due date that they do not pay, with each text in each language."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.classes import Classes
from brands.queries import PageBrand, get_brand
from collection.models import LateNotice, Reminder
from collection.segments import NEEDS, Need
from collection.timeline import Moment, What, timeline_of
from core import clock
from core.moments import amount_words, percent_words
from markets.catalog import SETTINGS
from markets.models import Market
from markets.queries import STEPS, STEPS_OF
from notifications.sampling import Sample, sample_of
from operations.choosing import all_brands, chosen
from operations.frame import show
from operations.offers.proposing import today_in

TITLES: dict[What, Any] = {
    What.UPCOMING: gettext_lazy("Reminder before the payment"),
    What.DUE: gettext_lazy("The payment is due, and taken"),
    What.LATE: gettext_lazy("Told that it is late"),
    What.REMINDER: gettext_lazy("Reminder"),
    What.LATE_FEE: gettext_lazy("Late fee"),
    What.REMINDER_FEE: gettext_lazy("Reminder with a fee"),
    What.CASE: gettext_lazy("Case for operators, who may call"),
    What.GIVEN_UP: gettext_lazy("The plan is given up"),
    What.PLACED: gettext_lazy("Placed with an agency"),
}
KINDS = {
    What.UPCOMING: "payment_upcoming",
    What.LATE: "payment_late",
    What.REMINDER: "late_reminder",
    What.LATE_FEE: "fee_charged",
    What.REMINDER_FEE: "fee_charged",
    What.NOTICE: "late_notice",
}
"""The letters that tell of what happens."""


def show_timeline(request: HttpRequest, market: Market) -> HttpResponse:
    """Show what a person meets, of a brand and a segment that are chosen."""
    brands, segments, today = all_brands(), [("", _("All others")), *all_segments()], today_in(market)
    brand = chosen(request, "brand", brands, brands[0][0])
    segment = chosen(request, "segment", segments)
    found = timeline_of(market.code, [segment] if segment else [], today, brand=brand)
    speaker, at = get_brand(brand), clock.now()
    told: dict[str, Any] = {
        "market": market,
        "brands": brands,
        "brand": brand,
        "segments": segments,
        "segment": segment,
        "moments": [_moment(one, market, speaker, today, at) for one in found],
    }
    return show(request, "offers/timeline.html", _("Around a due date: %(market)s") % {"market": market.country}, **told)


def all_segments() -> list[tuple[str, str]]:
    """Return the segments that may have steps of their own, by code."""
    classes = {code: str(title) for axis in ("risk_class", "loyalty") for code, title in Classes(axis).items()}
    return [(code, str(NEEDS[Need(code)]) if code in set(Need) else classes.get(code, code)) for code in STEPS_OF]


def _moment(one: Moment, market: Market, brand: PageBrand, today: date, at: datetime) -> dict[str, Any]:
    return {
        "day": one.day,
        "when": _when(one.day),
        "title": dict(LateNotice.KINDS)[one.kind] if one.what == What.NOTICE else TITLES[one.what],
        "told": [text for text in _details(one, market.currency) if text],
        "law": one.law,
        "samples": _samples(one, market, brand, today, at),
    }


def _when(day: int) -> str:
    if day < 0:
        return ngettext("%(number)s day before", "%(number)s days before", -day) % {"number": -day}
    return ngettext("%(number)s day late", "%(number)s days late", day) % {"number": day} if day else _("On the day")


def _details(one: Moment, currency: str) -> list[str]:
    """Return what is to be known of a moment, in words: tone and way of a reminder, amount of a fee, days and payments of a notice."""
    tones, ways = dict(Reminder.TONES), SETTINGS[STEPS].parts["first_by"].choices
    amount = amount_words(one.value["minor"], currency) if one.value.get("minor") else ""
    share = percent_words(one.value["bps"]) if one.value.get("bps") else ""
    many = ngettext("from %(number)s late payment on", "from %(number)s late payments on", one.payments) % {"number": one.payments}
    then = ngettext("then %(number)s day to pay", "then %(number)s days to pay", one.days) % {"number": one.days}
    is_notice = one.what == What.NOTICE
    return [
        str(tones.get(one.tone, "")),
        str(ways.get(one.by, "")),
        amount,
        share,
        many if is_notice and one.payments > 1 else "",
        then if is_notice and one.days else "",
    ]


def _samples(one: Moment, market: Market, brand: PageBrand, today: date, at: datetime) -> list[tuple[str, Sample]]:
    """Return the letter of a moment in each language, with the language's own name; empty where nothing is written."""
    if one.what not in KINDS:
        return []
    told: dict[str, Any] = {"tone": one.tone, "notice": one.kind, "days": one.days, "law": one.law, "late": max(0, one.day)}
    if one.what in {What.LATE_FEE, What.REMINDER_FEE}:
        told |= {"fee_kind": "late" if one.what == What.LATE_FEE else "reminder", "added": one.value.get("minor")}
    return [
        (name, sample_of(KINDS[one.what], told, language=code, market=market, brand=brand, due=today, at=at))
        for code, name in settings.LANGUAGES
    ]
