"""Quotes: the plans on offer for an amount, for the shop's server and, with a publishable key, for its pages."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.queries import list_regions
from accounts.rules import find_region
from brands.queries import get_brand
from checkout.api.answers import show_quote
from checkout.api.forms import QuoteForm
from checkout.api.shapes import QuoteShape
from checkout.quoting import where_at
from core import clock
from core.api.serializers import read_body
from core.api.views import ApiView
from core.errors import Invalid
from core.money import Money, exponent
from core.sentences import Sentence
from merchants.api.authentication import HasAnyKey, caller
from merchants.models import Merchant
from plans.fees import fee_caps
from plans.offers import lawful_in
from plans.queries import list_quotes, winning

CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "X-Request-Id, Retry-After"}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "86400",
}


def _state(merchant: Merchant, told: str, day: date) -> str:
    """Return the code of a state of the shop's market, from its code or its name; Invalid if there is none such."""
    regions = list_regions(merchant.market, day)
    state = find_region(told, regions)
    if regions and not state:
        raise Invalid("There is no such state.", fields={"region": Sentence("is no state of the shop's market")})
    return state


@extend_schema(tags=["Quotes"])
class Quotes(ApiView):
    """What an amount would cost in installments. Nothing here is secret, so that any page may ask."""

    permission_classes = (HasAnyKey,)

    @extend_schema(operation_id="quote", request=QuoteForm, responses=QuoteShape)
    def post(self, request: Request) -> Response:
        """Show the plans for an amount.

        Every date, every amount, the total and the APR, as if it were captured today. A publishable key is enough, and browsers
        may call it from any page.
        """
        merchant = caller(request).merchant
        asked = read_body(request, QuoteForm, merchant=merchant)
        amount = Money(asked["amount"], asked["currency"])
        at = clock.now()
        start = clock.local_date(at, merchant.market.time_zone)
        told: dict[str, Any] = {"amount": amount, "start": start, "at": at, "where": where_at(merchant, None)}
        quotes = [] if merchant.is_suspended else list_quotes(market_code=merchant.market_id, **told)
        state = _state(merchant, asked["region"], start) if asked.get("region") else ""
        if state:
            quotes = lawful_in(quotes, state, at)
        caps = fee_caps(merchant.market_id, state, start)
        plans = [show_quote(quote, caps) for quote in winning(quotes)]
        answer = {"brand": get_brand(merchant.brand_id).name, "amount": amount.minor, "currency": amount.currency}
        return Response({**answer, "decimals": exponent(amount.currency), "plans": plans})

    def preflight(self, request: HttpRequest) -> HttpResponse:
        """Answer the preflight request: browsers may call from any origin (CORS)."""
        return HttpResponse(status=204, headers={"Allow": ", ".join(self.allowed_methods), **CORS, **PREFLIGHT})

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Add the header that lets pages of any origin read the answer (CORS)."""
        for name, value in CORS.items():
            response[name] = value
        return super().finalize_response(request, response, *args, **kwargs)
