"""Orders: the shop's server reads, captures, refunds, voids, releases and extends them."""

import json
import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from checkout import services
from checkout.api.answers import load_details, show_capture, show_order, show_refund_preview
from checkout.api.forms import CaptureForm, DenialForm, OrderQuery, RefundForm
from checkout.api.shapes import CaptureShape, OrderShape, RefundPreviewShape
from checkout.models import Capture, Refund
from checkout.queries import access_order, find_same_capture, find_same_refund, needs_deposit, orders_of, same_within
from core import clock
from core.api.idempotency import HEADER, answer_with, idempotent, idempotent_by_itself, once_of, warn
from core.api.pagination import paginate
from core.api.serializers import no_body, page_of, read_body, read_query
from core.api.views import ApiView, needing
from core.ids import parse_id
from core.unreadable import listing
from merchants.api.authentication import caller
from merchants.models import Merchant
from plans import services as plans


def _answer(order_id: str, merchant: Merchant) -> Response:
    with listing():
        order = access_order(parse_id("ord", order_id), merchant)
    return Response(show_order(order, load_details([order])))


def _warn_of_same(request: Request, response: Response, same: Capture | Refund | None) -> Response:
    """Warn that an identical request was carried out a moment ago, if neither has an idempotency key: it may be a repetition."""
    if same is not None and HEADER not in request.headers:
        detail = f"{same.public_id} of {same.at:%H:%M:%S} UTC was the same, and both are booked. An Idempotency-Key makes a repetition one."
        warn(response, "order.same_as_before", detail)
    return response


@extend_schema(tags=["Orders"])
class OrderList(ApiView):
    """A merchant's orders."""

    scopes = needing(GET="orders.read")

    @extend_schema(operation_id="list_orders", parameters=[OrderQuery], responses=page_of(OrderShape))
    def get(self, request: Request) -> Response:
        """List orders.

        Newest first. Ask by your own `merchant_reference` where the redirect or the webhook was lost.
        """
        query = read_query(request, OrderQuery)
        filters = {name: query[name] for name in ("merchant_reference", "status") if name in query}
        page = paginate(orders_of(caller(request).merchant).filter(**filters), cursor=query.get("cursor"), limit=query["limit"])
        details = load_details(page.rows)
        return Response(page.as_json(lambda order: show_order(order, details)))


@extend_schema(tags=["Orders"])
class OrderDetail(ApiView):
    """One order."""

    scopes = needing(GET="orders.read")

    @extend_schema(operation_id="get_order", responses=OrderShape)
    def get(self, request: Request, order_id: str) -> Response:
        """Read an order.

        With its plan, captures and refunds.
        """
        return _answer(order_id, caller(request).merchant)


@extend_schema(tags=["Orders"])
class Captures(ApiView):
    """Captures of an order."""

    scopes = needing(POST="orders.capture")

    @extend_schema(operation_id="capture_order", request=CaptureForm, responses={201: CaptureShape})
    @idempotent_by_itself
    def post(self, request: Request, order_id: str) -> Response:
        """Capture an order.

        Part or all of what is authorized, when you send it. The consumer's plan starts with the first capture. What is left
        stays authorized, for its full time again.

        An order with a deposit is captured only once the deposit is paid: the first capture charges it, whole. If that is not done
        yet, the answer is 409 and nothing is captured: with `order.deposit_under_way` send the call again in a moment, with
        `order.deposit_declined` do not ship; the consumer is told and can pay it until the order expires.
        """
        once, key, amount = once_of(request), parse_id("ord", order_id), read_body(request, CaptureForm)["amount"]
        if needs_deposit(key, caller(request).merchant) and (once is None or once.find() is None):
            services.take_deposit(order_id=key, merchant=caller(request).merchant, amount_minor=amount, at=clock.now())
        if once is None:
            return self._capture(request, key, amount)

        def work() -> tuple[int, Any]:
            response = self._capture(request, key, amount)
            return response.status_code, json.loads(JSONRenderer().render(response.data))

        return answer_with(once.run(at=clock.now(), work=work))

    def _capture(self, request: Request, key: uuid.UUID, amount: int | None) -> Response:
        who = caller(request)
        capture = services.capture_order(
            order_id=key,
            merchant=who.merchant,
            amount_minor=amount,
            actor=who.actor,
            at=clock.now(),
        )
        response = Response(show_capture(capture, capture.order), status=201)
        return _warn_of_same(request, response, find_same_capture(capture))


@extend_schema(tags=["Orders"])
class Refunds(ApiView):
    """Refunds of an order."""

    scopes = needing(POST="orders.refund")

    @extend_schema(operation_id="refund_order", request=RefundForm, responses={201: RefundPreviewShape, 200: RefundPreviewShape})
    @idempotent
    def post(self, request: Request, order_id: str) -> Response:
        """Refund an order.

        Part or all of what was captured. Open payments are lowered first, by the rule of the plan's product; what is more goes
        back to the cards that paid. With `dry_run` nothing is booked, and the answer (200) shows the schedule before and after.
        """
        who, sent = caller(request), read_body(request, RefundForm)
        dry_run: bool = sent.get("dry_run", False)
        preview = services.refund_order(
            order_id=parse_id("ord", order_id),
            merchant=who.merchant,
            amount_minor=sent["amount"],
            reason=sent.get("reason", ""),
            capture_id=sent.get("capture_id", ""),
            dry_run=dry_run,
            actor=who.actor,
            at=clock.now(),
        )
        shown = show_refund_preview(preview, preview.refund.order, dry_run=dry_run)
        response = Response(shown, status=200 if dry_run else 201)
        return response if dry_run else _warn_of_same(request, response, find_same_refund(preview.refund))


@extend_schema(tags=["Orders"])
class ReturnDenial(ApiView):
    """The shop's answer that nothing is taken back."""

    scopes = needing(POST="orders.refund")

    @extend_schema(operation_id="deny_return", request=DenialForm, responses=OrderShape)
    @idempotent
    def post(self, request: Request, order_id: str) -> Response:
        """Take nothing back.

        While the order has a `goods_return` that has not ended. The consumer reads why, and their payments go on. What has arrived you
        refund instead, which ends the return too.
        """
        who, reason = caller(request), read_body(request, DenialForm)["reason"]
        order = access_order(parse_id("ord", order_id), who.merchant)
        plans.deny_return(plan_id=order.plan_id, reason=reason, actor=who.actor, at=clock.now())
        return _answer(order_id, who.merchant)


@extend_schema(tags=["Orders"])
class Postponing(ApiView):
    """Later payments for a customer."""

    scopes = needing(POST="orders.refund")

    @extend_schema(operation_id="postpone_order", request=None, responses=OrderShape)
    @idempotent
    def post(self, request: Request, order_id: str) -> Response:
        """Let payments come later.

        Every payment to come moves to the date of the next one, the last by one interval more. It costs your customer nothing; you pay what
        your contract says, with your next settlement (`postpone`), and find it in the order's `postponements`. Only while nothing is
        late or being paid. In the sandbox, a call without an `Idempotency-Key` shortly after another counts as its repetition.
        """
        no_body(request)
        who = caller(request)
        at, lately = clock.now(), None if HEADER in request.headers else same_within()
        made = services.postpone_order(
            order_id=parse_id("ord", order_id), merchant=who.merchant, actor=who.actor, at=at, repeated_within=lately
        )
        response = _answer(order_id, who.merchant)
        if made.at != at:
            detail = f"{made.public_id} of {made.at:%H:%M:%S} UTC was the same: nothing was done. An Idempotency-Key lets you do it again."
            warn(response, "order.same_as_before", detail)
        return response


@extend_schema(tags=["Orders"])
class Voiding(ApiView):
    """The end of an order of which nothing was sent."""

    scopes = needing(POST="orders.void")

    @extend_schema(operation_id="void_order", request=None, responses=OrderShape)
    @idempotent
    def post(self, request: Request, order_id: str) -> Response:
        """Void an order.

        Only while nothing of it is captured. The consumer's limit is free again, and nothing is ever billed.
        """
        no_body(request)
        who = caller(request)
        services.void_order(order_id=parse_id("ord", order_id), merchant=who.merchant, actor=who.actor, at=clock.now())
        return _answer(order_id, who.merchant)


@extend_schema(tags=["Orders"])
class Releasing(ApiView):
    """The end of an order of which only a part was sent."""

    scopes = needing(POST="orders.void")

    @extend_schema(operation_id="release_order", request=None, responses=OrderShape)
    @idempotent
    def post(self, request: Request, order_id: str) -> Response:
        """Release the rest of an order.

        When you will not send what is left after a partial capture. The order is `captured` as far as it went, `released` says how much
        fell away. The consumer pays for what you sent, and the rest is free in their limit again. An order of which nothing was
        captured is voided instead.
        """
        no_body(request)
        who = caller(request)
        services.release_order(order_id=parse_id("ord", order_id), merchant=who.merchant, actor=who.actor, at=clock.now())
        return _answer(order_id, who.merchant)


@extend_schema(tags=["Orders"])
class Extension(ApiView):
    """More time for an order."""

    scopes = needing(POST="orders.capture")

    @extend_schema(operation_id="extend_order", request=None, responses=OrderShape)
    @idempotent
    def post(self, request: Request, order_id: str) -> Response:
        """Extend an order.

        Its authorization lasts its full time again from now on, at most until day 180.
        """
        no_body(request)
        who = caller(request)
        services.extend_order(order_id=parse_id("ord", order_id), merchant=who.merchant, actor=who.actor, at=clock.now())
        return _answer(order_id, who.merchant)
