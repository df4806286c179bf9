"""The page that shows which agency would get which debts now, and places them."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from collection import services as collection
from collection.services.agencies import MAY_MANAGE
from collection.services.choosing import lots_of
from controls.telling import tell_kept
from core import clock
from core.admin import ReadOnlyAdmin
from core.moments import amount_words
from core.once import new_key
from markets.queries import get_market
from operations.choosing import all_markets, chosen
from operations.frame import carry_out_once, operator, show


class ChoicePages(ReadOnlyAdmin):
    """The page of a choice among agencies; `AgencyPages` adds the others."""

    def choice_urls(self) -> list[URLPattern]:
        """Return the URL of the choice."""
        return [path("choose/", self.admin_site.admin_view(self.choose), name="collection_agency_choose")]

    def choose(self, request: HttpRequest) -> HttpResponse:
        """Show what each agency of a market would get now, with counts and sums, and place it."""
        if not operator(request).may(MAY_MANAGE):
            raise PermissionDenied
        markets = all_markets()
        market = chosen(request, "market", markets, markets[0][0])
        if request.method == "POST":
            back = f"{reverse('admin:collection_agency_choose')}?market={market}"
            user, at = operator(request), clock.now()
            done = _("Placed. Each person is told, and agencies get them after the notice.")
            return carry_out_once(request, lambda: collection.place_all(market=market, user=user, at=at), done=done, back=back)
        lots, currency = lots_of(market, clock.now()), get_market(market).currency
        facts = {
            "markets": markets,
            "market": market,
            "lots": [
                (lot, len(lot.debts), amount_words(lot.total_minor, currency), [(tell_kept(kept), count) for kept, count in lot.by_rule])
                for lot in lots
            ],
            "once": new_key(),
            "any": any(lot.agency and lot.debts for lot in lots),
        }
        return show(request, "agencies/choose.html", _("Place debts over all agencies"), **facts)
