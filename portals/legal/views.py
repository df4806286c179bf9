"""The legal pages, for everybody: by market, in the reader's language, with earlier versions."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from brands.queries import brand_of
from core.clock import local_date, now
from core.locales import HOMES, page_language, page_locale
from core.unreadable import listing
from markets.models import Market
from markets.queries import list_markets
from portals import sessions
from portals.doors import page
from portals.legal.facts import PLACES, country_of, facts_of
from portals.legal.shelf import NAMES, list_versions, write


@page("GET")
def legal(request: HttpRequest, name: str, market: str = "", version: str = "") -> HttpResponse:
    """Show a text: of the market in the address, else of the reader's; of a version, else the newest."""
    versions = list_versions(name)
    place = _market_of(request, market)
    if version and version not in versions:
        raise Http404("There is no such version.")
    today = local_date(now(), place.time_zone)
    text = write(name, version or versions[0], page_language(), facts_of(place, brand_of(request), today), {PLACES[place.code].kind})
    context = {
        "text": text,
        "is_old": version not in {"", versions[0]},
        "newest": reverse(f"legal_{name}_of", args=[place.code.lower()]),
        "menu": [(one, _(label), reverse(f"legal_{one}_of", args=[place.code.lower()])) for one, label in NAMES.items()],
        "places": [(one.code, country_of(one), reverse(f"legal_{name}_of", args=[one.code.lower()])) for one in _markets()],
        "versions": [(one, reverse(f"legal_{name}_version", args=[place.code.lower(), one])) for one in versions],
        "current": name,
        "place": place.code,
        "country": country_of(place),
        "locale": page_locale(place.locale),
    }
    return render(request, "portals/legal/text.html", context)


def _markets() -> list[Market]:
    return [one for one in list_markets() if one.code in PLACES]


def _market_of(request: HttpRequest, code: str) -> Market:
    """Return the market of a code, of the signed-in consumer, or of the page's language; Http404."""
    known = {one.code: one for one in _markets()}
    if code:
        if code.upper() not in known or code != code.lower():
            raise Http404("There is no such market.")
        return known[code.upper()]
    with listing():
        consumer = sessions.find_consumer(request)
    if consumer is not None and consumer.market_id in known:
        return known[consumer.market_id]
    home = HOMES.get(page_language(), "")
    return next((one for one in known.values() if one.locale == home), next(iter(known.values())))
