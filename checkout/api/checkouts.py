"""Checkouts: the shop's server opens, reads, changes and closes them."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from checkout import services
from checkout.api.answers import load_live, show_checkout, show_known_checkout, show_offer, warnings_of
from checkout.api.forms import CheckoutChangeForm, CheckoutForm, CheckoutQuery
from checkout.api.shapes import CheckoutShape
from checkout.coarse import load_declined
from checkout.models import Checkout
from checkout.queries import access_checkout, checkouts_of
from checkout.services import CheckoutDraft
from core import clock
from core.api.idempotency import idempotent
from core.api.pagination import paginate
from core.api.serializers import no_body, page_of, read_body, read_query
from core.api.views import ApiView, needing
from core.ids import parse_id
from core.money import Money
from core.unreadable import listing
from merchants.api.authentication import caller, require_scope


def _answer(checkout: Checkout, status: int = 200) -> Response:
    """Answer with a checkout that has no order yet, and a warning if other live sales have the same merchant reference."""
    shown = show_checkout(checkout, None, load_live([checkout]), load_declined([checkout]))
    return Response(shown | warnings_of(shown), status=status)


@extend_schema(tags=["Checkouts"])
class CheckoutList(ApiView):
    """A merchant's checkouts."""

    scopes = needing(GET="orders.read", POST="checkouts.write")

    @extend_schema(operation_id="list_checkouts", parameters=[CheckoutQuery], responses=page_of(CheckoutShape))
    def get(self, request: Request) -> Response:
        """List checkouts.

        Newest first. Ask by your own `merchant_reference` where the redirect was lost.
        """
        query = read_query(request, CheckoutQuery)
        found = checkouts_of(caller(request).merchant)
        if "merchant_reference" in query:
            found = found.filter(merchant_reference=query["merchant_reference"])
        page = paginate(found, cursor=query.get("cursor"), limit=query["limit"])
        live, declined = load_live(page.rows), load_declined(page.rows)
        return Response(page.as_json(lambda checkout: show_known_checkout(checkout, live, declined)))

    @extend_schema(operation_id="open_checkout", request=CheckoutForm, responses={201: CheckoutShape})
    @idempotent
    def post(self, request: Request) -> Response:
        """Open a checkout.

        Send the consumer to its `url`. Items must add up to the amount; discounts and vouchers are negative lines. What rounding leaves
        over, up to half a minor unit for each unit sold, becomes a line of its own, marked `rounding`. What else is live under the same
        `merchant_reference` is named in `same_reference`, and warned of. `automatic` capture takes a key that may capture too.
        """
        merchant = caller(request).merchant
        sent = read_body(request, CheckoutForm, merchant=merchant)
        if sent.get("capture") == "automatic":
            require_scope(request, "orders.capture")
        checkout = services.open_checkout(merchant=merchant, draft=_draft(sent), at=clock.now())
        return _answer(checkout, status=201)


def _draft(sent: dict[str, Any]) -> CheckoutDraft:
    return CheckoutDraft(
        amount=Money(sent["amount"], sent["currency"]),
        merchant_reference=sent["merchant_reference"],
        urls=sent["urls"],
        items=sent.get("items", []),
        customer=sent.get("customer", {}),
        capture=sent.get("capture", "manual"),
        metadata=sent.get("metadata", {}),
    )


@extend_schema(tags=["Checkouts"])
class CheckoutDetail(ApiView):
    """One checkout."""

    scopes = needing(GET="orders.read", PATCH="checkouts.write")

    @extend_schema(operation_id="get_checkout", responses=CheckoutShape)
    def get(self, request: Request, checkout_id: str) -> Response:
        """Read a checkout.

        With the id of its order once its consumer has completed it.
        """
        with listing():
            checkout = access_checkout(parse_id("chk", checkout_id), caller(request).merchant)
        shown = show_known_checkout(checkout, load_live([checkout]), load_declined([checkout]))
        return Response(shown | {"plans": show_offer(checkout, clock.now())})

    @extend_schema(operation_id="update_checkout", request=CheckoutChangeForm, responses=CheckoutShape)
    @idempotent
    def patch(self, request: Request, checkout_id: str) -> Response:
        """Change an open checkout.

        Another amount asks for another credit decision.
        """
        merchant = caller(request).merchant
        changes = read_body(request, CheckoutChangeForm, merchant=merchant)
        checkout = services.update_checkout(checkout_id=parse_id("chk", checkout_id), merchant=merchant, changes=changes, at=clock.now())
        return _answer(checkout)


@extend_schema(tags=["Checkouts"])
class CheckoutExpiry(ApiView):
    """The end of a checkout."""

    scopes = needing(POST="checkouts.write")

    @extend_schema(operation_id="expire_checkout", request=None, responses=CheckoutShape)
    @idempotent
    def post(self, request: Request, checkout_id: str) -> Response:
        """Close an open checkout.

        Nobody can complete it any more.
        """
        no_body(request)
        merchant = caller(request).merchant
        checkout = services.expire_checkout(checkout_id=parse_id("chk", checkout_id), merchant=merchant, at=clock.now())
        return _answer(checkout)
