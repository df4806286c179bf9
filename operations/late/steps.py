"""Content of the page of what came of reminders, by the table of a market and by models, in a constant number of queries."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from collection.arms import HORIZONS, Measured, measure_arms
from collection.intervals import difference_of
from collection.segments import ARMS, NEEDS, Arm, Need
from core.clock import local_date
from core.moments import amount_words, number_words, percent_words
from ledger.statements import Span
from markets.models import Market
from operations.choosing import all_markets


def step_facts(market: Market, span: Span, at: datetime) -> dict[str, Any]:
    """Return what came of the late people of a market who were judged in a span of days, by arm and by need, and how arms differ."""
    found = measure_arms(market=market.code, first=span.first, last=span.last, today=local_date(at, market.time_zone))
    arms: dict[Arm, Measured] = {}
    for (arm, _need), one in found.items():
        arms.setdefault(arm, Measured()).add(one)
    order = [arm for arm in Arm if arm in arms]
    return {
        "market": market.code,
        "markets": all_markets(),
        "horizons": HORIZONS,
        "arms": [_shown(str(ARMS[arm]), arms[arm]) for arm in order],
        "differences": [_difference(arms, arm, order[0]) for arm in order[1:]],
        "needs": [_shown(f"{NEEDS[need]} · {ARMS[arm]}", found[arm, need]) for need in Need for arm in order if (arm, need) in found],
    }


def _shown(name: str, one: Measured) -> dict[str, Any]:
    return {
        "name": name,
        "people": number_words(one.people),
        "paid": [(days, _share(one.paid_within[days], one.known[days])) for days in HORIZONS],
        "contacts": number_words(round(one.contacts / one.paid, 2)) if one.paid else "–",
        "cost": amount_words(one.cost_cents // one.paid, "EUR") if one.paid else "–",
        "complaints": f"{number_words(one.complaints)} ({_share(one.complaints, one.people)})",
    }


def _share(part: int, whole: int) -> str:
    return percent_words(part * 10_000 // whole) if whole else "–"


def _difference(arms: Mapping[Arm, Measured], arm: Arm, base: Arm) -> dict[str, Any]:
    """Return in words by how much more people of an arm paid than of the base, within each of the spans."""
    one, other, texts = arms[arm], arms[base], []
    for days in HORIZONS:
        found = difference_of(one.paid_within[days], one.known[days], other.paid_within[days], other.known[days])
        if found is None:
            texts.append((days, _("too few people yet")))
            continue
        told = {"difference": percent_words(found.bps), "low": percent_words(found.low_bps), "high": percent_words(found.high_bps)}
        texts.append((days, _("%(difference)s (from %(low)s to %(high)s)") % told))
    return {"name": _("%(arm)s against %(base)s") % {"arm": ARMS[arm], "base": ARMS[base]}, "texts": texts}
