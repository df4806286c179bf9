"""The page of the economic setting: one dial per market, with what another position would do before anybody turns it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from controls.queries import list_open_proposals
from core import clock
from core.amounts import read_number
from core.moments import day_words, desk_locale, percent_words
from markets.models import Market
from markets.queries import ECONOMY, ECONOMY_WHOLE, economy_bps, economy_rows, list_markets
from operations.frame import operator, show
from operations.offers.economy import effects_of
from operations.offers.proposing import MAY_PROPOSE, today_in
from operations.roles import roles_with
from plans.proposals import Setting, subject_of_setting

STEPS = (10_000, 9_000, 8_000, 7_000, 6_000, 5_000, 2_500)
"""The positions of a dial, in basis points; any other from 10 % to 100 % can be typed."""
LEAST = 1_000


def economy(request: HttpRequest) -> HttpResponse:
    """Show the dial of each market; for the market and the share that the address names also what that share would do."""
    markets = list_markets()
    asked = next((one for one in markets if one.code == request.GET.get("market")), None)
    typed = request.GET.get("share", "") if asked else ""
    share = _share(typed) if asked else None
    waiting = {one.subject: one for one in list_open_proposals(Setting.name, [subject_of_setting(one.code, ECONOMY) for one in markets])}
    dials = [_dial(one, share if one == asked else None, waiting.get(subject_of_setting(one.code, ECONOMY))) for one in markets]
    if asked and share is None and "share" in request.GET:
        fault = _("Enter a share in percent, from %(least)s to %(most)s.")
        dials[markets.index(asked)] |= {"typed": typed, "fault": fault % {"least": LEAST // 100, "most": ECONOMY_WHOLE // 100}}
    may_propose = operator(request).may(MAY_PROPOSE)
    told = {"dials": dials, "may_propose": may_propose, "proposers": ", ".join(roles_with(MAY_PROPOSE))}
    return show(request, "offers/economy.html", _("Economic setting"), **told)


def _dial(market: Market, share: int | None, waiting: Any) -> dict[str, Any]:
    """Return a market's dial: where it stands, its positions, and what the asked one would do."""
    today = today_in(market)
    now = economy_bps(market.code, today)
    held = next((row for row in economy_rows() if row.market_id == market.code and _holds(row, today)), None)
    told: dict[str, Any] = {
        "market": market,
        "now": percent_words(now),
        "since": day_words(held.valid_from) if held else "",
        "steps": [(percent_words(one), _position(market, one), one == (share or now)) for one in STEPS],
        "waiting": waiting,
        "link": reverse("admin:markets_market_setting", args=[market.code, ECONOMY]),
    }
    if share is not None and share != now:
        told |= {"share": percent_words(share), "effects": effects_of(market, share, clock.now(), today)}
        told["propose"] = f"{told['link']}?bps={share}"
    return told


def _position(market: Market, bps: int) -> str:
    """Return the address of a position of a market's dial."""
    asked = urlencode({"market": market.code, "share": str(bps // 100)})
    return f"{reverse('admin:markets_market_economy')}?{asked}#{market.code}"


def _holds(row: Any, today: Any) -> bool:
    return row.valid_from <= today and (row.valid_to is None or row.valid_to > today)


def _share(typed: str) -> int | None:
    """Return a typed share in percent as basis points; None for one that no market can have."""
    try:
        found = read_number(typed, 2, desk_locale())
    except ValueError:
        return None
    return found if LEAST <= found <= ECONOMY_WHOLE else None
