"""Doors of the sandbox: a shop's tests finish checkouts, move the clock and look at the gateway without a browser."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rules import Faulty, normalize_email
from checkout.api.answers import load_details, show_order, warnings_of
from checkout.api.shapes import OrderShape
from checkout.queries import access_checkout, access_order
from core import clock, providers, timers
from core.api.fields import StrictIntegerField, TextField
from core.api.idempotency import answer_with, idempotent_by_itself, once_of
from core.api.serializers import Query, StrictSerializer, WarningShape, read_body, read_query
from core.api.views import ApiView, needing
from core.ids import parse_id
from core.providers import Capability
from merchants.api.authentication import caller
from payments import gateways
from payments.gateways.base import Reports
from simulation import shopper

MAX_FORWARD_DAYS = 400
MAX_FORWARD_HOURS = 168
CARD_DIGITS = range(12, 20)


class CompletionForm(StrictSerializer):
    """Who finishes the checkout, with which plan and card."""

    email = TextField(max_length=254)
    product = TextField(max_length=20, help_text="pay_in_4, pay_in_30, monthly_6 or monthly_12.")
    card = TextField(max_length=40, help_text="A test card's number, with or without blanks.")

    def validate_email(self, email: str) -> str:
        """Return the address in its one form."""
        try:
            return normalize_email(email)
        except Faulty:
            raise serializers.ValidationError("is not an e-mail address") from None

    def validate_card(self, card: str) -> str:
        """Return the card's digits."""
        digits = card.replace(" ", "").replace("-", "")
        if not (digits.isascii() and digits.isdigit() and len(digits) in CARD_DIGITS):
            raise serializers.ValidationError("is not a card number")
        return digits


class CompletionShape(serializers.Serializer[Any]):
    """How it ended; a refusal is an outcome, with its reasons."""

    outcome = serializers.ChoiceField(choices=["authorized", "pending_review", "declined"])
    order = OrderShape(allow_null=True)
    reasons = serializers.ListField(child=serializers.CharField())
    warnings = WarningShape(many=True, required=False)


@extend_schema(tags=["Sandbox"])
class Completion(ApiView):
    """A checkout without a browser."""

    scopes = needing(POST="checkouts.write")

    @extend_schema(operation_id="complete_sandbox_checkout", request=CompletionForm, responses=CompletionShape)
    def post(self, request: Request, checkout_id: str) -> Response:
        """Finish a checkout.

        As its consumer would, without a browser; the card may have blanks. The plus part of the e-mail chooses what happens:
        `ann+approve@example.com` has a limit (1,500.00 USD), `+decline`, `+refer`, `+kyc_fail`, `+fraud_hold` and
        `+card_fails_2nd` do what they say.
        """
        sent, at = read_body(request, CompletionForm), clock.now()
        checkout = access_checkout(parse_id("chk", checkout_id), caller(request).merchant)
        result = shopper.complete(checkout=checkout, email=sent["email"], product=sent["product"], card=sent["card"], at=at)
        order = access_order(result.order.id, checkout.merchant) if result.order else None
        shown = show_order(order, load_details([order])) if order else None
        warnings = warnings_of(shown) if shown else {}
        return Response({"outcome": result.outcome, "order": shown, "reasons": result.reasons} | warnings)


class ClockForm(StrictSerializer):
    """How far to move: days, hours, or both."""

    forward_days = StrictIntegerField(min_value=1, max_value=MAX_FORWARD_DAYS, required=False)
    forward_hours = StrictIntegerField(
        min_value=1, max_value=MAX_FORWARD_HOURS, required=False, help_text="A day begins, and is quiet, at hours of its own in each zone."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for one of the two."""
        if not attrs:
            raise serializers.ValidationError({"forward_days": "is required, or forward_hours"})
        return attrs


class ClockShape(serializers.Serializer[Any]):
    """The time in this sandbox."""

    now = serializers.DateTimeField()
    warnings = WarningShape(many=True, required=False)


@extend_schema(tags=["Sandbox"])
class Clock(ApiView):
    """The sandbox's clock."""

    scopes = needing(GET="orders.read", POST="checkouts.write")

    @extend_schema(operation_id="get_sandbox_clock", responses=ClockShape)
    def get(self, request: Request) -> Response:
        """Tell the time.

        As everybody in this sandbox has it: the real time, and how far it was moved.
        """
        return Response({"now": clock.now()})

    @extend_schema(operation_id="move_sandbox_clock", request=ClockForm, responses=ClockShape)
    @idempotent_by_itself
    def post(self, request: Request) -> Response:
        """Move time forward.

        For everybody in this sandbox. Payments fall due, retries happen, authorizations expire and shops are settled, day by
        day and then hour by hour, before it answers.
        """
        told, once = read_body(request, ClockForm), once_of(request)
        days, hours = told.get("forward_days", 0), told.get("forward_hours", 0)
        if once is None:
            return Response({"now": timers.move_clock(days=days, hours=hours)})
        return answer_with(timers.move_clock_once(days=days, hours=hours, once=once))


class ChargeQuery(Query):
    """Whose charges."""

    order = TextField(max_length=40)


class GatewayChargeShape(serializers.Serializer[Any]):
    """A charge as the gateway itself recorded it."""

    id = serializers.CharField()
    idempotency_key = serializers.CharField()
    amount = serializers.IntegerField()
    currency = serializers.CharField()
    refunded = serializers.IntegerField()
    status = serializers.CharField()
    at = serializers.DateTimeField()


@extend_schema(tags=["Sandbox"])
class GatewayCharges(ApiView):
    """What the card gateway knows."""

    scopes = needing(GET="orders.read")

    @extend_schema(operation_id="list_sandbox_gateway_charges", parameters=[ChargeQuery], responses=GatewayChargeShape(many=True))
    def get(self, request: Request) -> Response:
        """List the gateway's charges.

        Those of an order, as the gateway itself recorded them, oldest first.
        """
        order = access_order(parse_id("ord", read_query(request, ChargeQuery)["order"]), caller(request).merchant)
        report = gateways.connect(providers.first(Capability.REPORTS).code, Reports).report_charges(reference=order.plan.public_id)
        return Response(
            [
                {
                    "id": charge.ref,
                    "idempotency_key": charge.key,
                    "amount": charge.amount_minor,
                    "currency": charge.currency,
                    "refunded": charge.refunded_minor,
                    "status": charge.status,
                    "at": charge.at,
                }
                for charge in report
            ]
        )
