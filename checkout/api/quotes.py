"""Quotes: the plans on offer for an amount, for the shop's server and, with a publishable key, for its pages."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from brands.queries import get_brand
from checkout.api.answers import show_quote
from checkout.api.forms import QuoteForm
from checkout.api.shapes import QuoteShape
from core import clock
from core.api.serializers import read_body
from core.api.views import ApiView
from core.money import Money, exponent
from merchants.api.authentication import HasAnyKey, caller
from plans.queries import list_quotes

CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "X-Request-Id, Retry-After"}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "86400",
}


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
        quotes = [] if merchant.is_suspended else list_quotes(market_code=merchant.market_id, amount=amount, start=start, at=at)
        plans = [show_quote(quote) for quote in quotes]
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
