"""Pages of markets: their settings with dates and units, and the proposals of new values."""

import re
import uuid
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from controls.kinds import get_kind
from controls.models import Proposal
from controls.queries import Difference, differences_of, find_open_proposal, proposals_of
from core import clock
from core.admin import find_row
from core.moments import day_words
from core.once import new_key
from core.sentences import translated
from markets.admin import MarketAdmin
from markets.catalog import SETTINGS, spec_of, title_of, value_text
from markets.catalog_steps import BRANDED, OF_BRAND
from markets.models import Market, MarketSetting
from markets.parts import WHOLE
from markets.queries import ECONOMY, ECONOMY_WHOLE, get_market, list_settings
from operations.choosing import all_brands
from operations.frame import operator, show
from operations.offers.dial import economy
from operations.offers.economy import effects_of
from operations.offers.forms import SettingForm, initial_of_setting
from operations.offers.proposing import MAY_PROPOSE, SHOWN, could_hold, propose_once, today_in
from operations.offers.timeline import show_timeline
from plans.offers import READ, law_faults, law_on
from plans.proposals import SOURCE, VALUE, Setting, subject_of_setting
from plans.queries import list_products
from plans.texts import TERMS, product_name

_LETTER = re.compile(r"\b[VU]\b")
_SAID = ("seen in a primary text or two independent ones", "from memory; an operator's lawyer confirms it")
"""Texts in the notes of values that are left out, because `_note` says the same in the reader's language."""


class MarketPages(MarketAdmin):
    """Markets and their legal settings; two people are needed for a change."""

    def get_urls(self) -> list[URLPattern]:
        """Add the URLs of settings."""
        wrap = self.admin_site.admin_view
        return [
            path("economy/", wrap(self.economy), name="markets_market_economy"),
            path("proposed/<uuid:proposal>/", wrap(self.proposed), name="markets_market_proposed"),
            path("<str:code>/timeline/", wrap(self.timeline), name="markets_market_timeline"),
            path("<str:code>/setting/<str:key>/", wrap(self.setting), name="markets_market_setting"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a market: its settings in force, those to come, and those without a value."""
        market = self._load(request, object_id)
        today = today_in(market)
        rows: dict[str, list[MarketSetting]] = {}
        for row in list_settings(market.code):
            rows.setdefault(row.key, []).append(row)
        keys = [*SETTINGS, *(key for key in sorted(rows) if OF_BRAND in key)]
        lines = [_line(market, key, rows.get(key, []), today) for key in keys if spec_of(key)]
        facts = [
            (_("Currency"), market.currency),
            (_("Time zone"), market.time_zone),
            (_("Law of the APR"), market.get_law_display()),
            (_("Smallest age"), str(market.minimum_age)),
        ]
        kept = [line for line in lines if line["now"] or line["next"]]
        missing = [line for line in lines if not (line["now"] or line["next"])]
        may_propose = operator(request).may(MAY_PROPOSE)
        told = {"market": market, "facts": facts, "lines": kept, "missing": missing, "may_propose": may_propose}
        return show(request, "offers/market.html", market.country, model_admin=self, **told)

    def economy(self, request: HttpRequest) -> HttpResponse:
        """Show the economic setting of all markets, and what another one would do."""
        self._may(request)
        return economy(request)

    def timeline(self, request: HttpRequest, code: str) -> HttpResponse:
        """Show what a person meets around a due date that they do not pay, by the settings of today."""
        return show_timeline(request, self._load(request, code))

    def setting(self, request: HttpRequest, code: str, key: str) -> HttpResponse:
        """Show a setting's values; preview the effects of another value, then propose it."""
        market = self._load(request, code)
        (base, _sign, brand), spec = key.partition(OF_BRAND), spec_of(key)
        if spec is None or (brand and brand not in dict(all_brands())):
            raise Http404
        may_propose = operator(request).may(MAY_PROPOSE)
        if request.method == "POST" and not may_propose:
            raise PermissionDenied
        today, subject = today_in(market), subject_of_setting(market.code, key)
        rows = list_settings(market.code, key)
        held = _in_force(rows, today)
        initial = initial_of_setting(spec, held.value) if held else {}
        initial |= _dialed(request) if key == ECONOMY else {}
        form = SettingForm(request.POST or None, spec=spec, market=market, today=today, initial=initial)
        shown: dict[str, Any] = {
            "market": market,
            "form": form,
            "key": key,
            "scopes": _scopes(market, base, key),
            "now": _line(market, key, rows, today),
            "values": [_value(market, row) for row in rows],
            "waiting": find_open_proposal(Setting.name, subject),
            "proposals": list(proposals_of(subject, (Setting.name,))[:SHOWN]),
            "may_propose": may_propose,
            "once": new_key(),
        }
        if request.method == "POST" and form.is_valid():
            after, start = {VALUE: form.value(), SOURCE: form.cleaned_data[SOURCE]}, form.cleaned_data["starts_on"]
            if could_hold(form, Setting(), subject, after):
                if "confirmed" in request.POST:
                    back = reverse("admin:markets_market_setting", args=[market.code, key])
                    return propose_once(request, form, Setting(), subject, after, back=back)
                before = Setting().current(subject, after, start)
                shown |= {"starts_on": start, "differences": _differences(subject, before, after)}
                shown["forbids"] = _forbidden(market, key, after[VALUE], start)
                shown["effects"] = _effects(market, key, after[VALUE])
        return show(request, "offers/setting.html", f"{title_of(key)}, {market.country}", **shown)

    def proposed(self, request: HttpRequest, proposal: uuid.UUID) -> HttpResponse:
        """Show a proposed value beside the present one, and the products affected."""
        self._may(request)
        row = find_row(Proposal.objects.filter(kind=Setting.name), proposal)
        code, _sign, key = row.subject.partition(":")
        market = get_market(code)
        shown: dict[str, Any] = {"proposal": row, "subject": get_kind(row.kind).subject_name(row.subject)}
        shown["differences"] = _differences(row.subject, row.before, row.after)
        shown["forbids"] = _forbidden(market, key, row.after[VALUE], row.starts_on or today_in(market))
        shown["effects"] = _effects(market, key, row.after[VALUE])
        return show(request, "offers/proposed.html", str(Setting.title), **shown)

    def _may(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _load(self, request: HttpRequest, code: str) -> Market:
        self._may(request)
        return get_object_or_404(Market, pk=code[:2] if len(code) == 2 else None)


def _scopes(market: Market, base: str, key: str) -> list[tuple[str, str]]:
    """Return the names and pages of a setting for all brands and for each, but for the one that is shown; empty where none has its own."""
    if not base.startswith(BRANDED) or len(all_brands()) < 2:
        return []
    offered = [(_("All brands"), base), *((name, f"{base}{OF_BRAND}{code}") for code, name in all_brands())]
    return [(name, reverse("admin:markets_market_setting", args=[market.code, one])) for name, one in offered if one != key]


def _dialed(request: HttpRequest) -> dict[str, Any]:
    """Return the share that the page of dials led here with, in basis points, as the form's first value."""
    bps = request.GET.get("bps", "")
    return {f"part_{WHOLE}": int(bps)} if bps.isascii() and bps.isdecimal() and len(bps) < 6 else {}


def _differences(subject: str, before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    return differences_of(Setting(), subject, before, {name: after[name] for name in (VALUE, SOURCE)})


def _effects(market: Market, key: str, value: Any) -> dict[str, Any] | None:
    """Return what another share of computed limits would do; None for every other setting."""
    return effects_of(market, value, clock.now(), today_in(market)) if key == ECONOMY else None


def _forbidden(market: Market, key: str, value: Any, start: date) -> list[str]:
    """Return in words the products on offer that a value would forbid; they must be changed first."""
    if key not in READ:
        return []
    law = law_on(market, start) | {key: value}
    found: list[str] = []
    for product in list_products(market.code, clock.now()):
        for name, fault in law_faults(product, law, start).items():
            found.append(f"{product_name(product)} · {TERMS[name]}: {translated(fault)}")
    return found


def _in_force(rows: list[MarketSetting], on: date) -> MarketSetting | None:
    """Return the row in force on a date; `rows` are those of one setting, latest first."""
    return next((row for row in rows if row.valid_from <= on and (row.valid_to is None or row.valid_to > on)), None)


def _line(market: Market, key: str, rows: list[MarketSetting], today: date) -> dict[str, Any]:
    """Return a setting as a row: its value in force, its first day, its source, and the next value."""
    held, coming = _in_force(rows, today), [row for row in rows if row.valid_from > today]
    unset = value_text(key, ECONOMY_WHOLE, market.currency) if key == ECONOMY and not held else ""
    return {
        "title": title_of(key),
        "link": reverse("admin:markets_market_setting", args=[market.code, key]),
        "now": value_text(key, held.value, market.currency) if held else unset,
        "since": day_words(held.valid_from) if held else "",
        "source": held.source if held else "",
        "next": _value(market, coming[-1]) if coming else None,
    }


def _value(market: Market, row: MarketSetting) -> dict[str, Any]:
    return {
        "text": value_text(row.key, row.value, market.currency),
        "from": day_words(row.valid_from),
        "to": day_words(row.valid_to) if row.valid_to else "",
        "source": row.source,
        **_note(row.note),
    }


def _note(note: str) -> dict[str, str]:
    """Return how sure a value of the law is, and what else the people who looked it up wrote, in English.

    They wrote V for what was seen in the law itself or in two independent sources, and U for what a lawyer must still confirm.
    """
    letters = set(_LETTER.findall(note))
    if note.startswith("proposal:") or not letters:
        return {"standing": "", "note": "" if note.startswith("proposal:") else note}
    if len(letters) == 2:
        written = _LETTER.sub(lambda found: "confirmed" if found[0] == "V" else "to be confirmed", note)
        return {"standing": _("Partly to be confirmed by a lawyer"), "note": written}
    standing = _("Read in the law itself, or in two independent sources") if "V" in letters else _("To be confirmed by a lawyer")
    written = re.sub(r"^[VU]\b[:;,]?\s*", "", note)
    return {"standing": standing, "note": "" if written in _SAID else written}
