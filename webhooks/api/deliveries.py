"""Webhook deliveries: the log of what was sent, and sending again."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.api.pagination import cut, decode_cursor
from core.api.serializers import PageQuery, no_body, page_of, read_query
from core.api.views import ApiView, needing
from core.ids import parse_id
from merchants.api.authentication import caller
from webhooks import services
from webhooks.models import Delivery
from webhooks.queries import access_delivery, access_endpoint, list_deliveries
from webhooks.states import DELIVERY


class DeliveryShape(serializers.Serializer[Any]):
    """One event's way to one endpoint."""

    id = serializers.CharField()
    event_id = serializers.CharField()
    event_type = serializers.CharField()
    sequence = serializers.IntegerField()
    status = serializers.ChoiceField(choices=DELIVERY.choices)
    tries = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class AttemptShape(serializers.Serializer[Any]):
    """One try; `status_code` is null where nothing answered."""

    status_code = serializers.IntegerField(allow_null=True)
    error = serializers.CharField()
    answer = serializers.CharField()
    duration_ms = serializers.IntegerField()
    at = serializers.DateTimeField()


class DeliveryDetailShape(DeliveryShape):
    """A delivery with every try."""

    attempts = AttemptShape(many=True)


def show_delivery(delivery: Delivery) -> dict[str, Any]:
    """Return a delivery whose event was read with it."""
    return {
        "id": delivery.public_id,
        "event_id": delivery.event.public_id,
        "event_type": delivery.event.type,
        "sequence": delivery.event.sequence,
        "status": delivery.status,
        "tries": delivery.tries,
        "created_at": delivery.created_at,
    }


def _with_attempts(delivery: Delivery) -> dict[str, Any]:
    attempts = [
        {
            "status_code": attempt.status_code,
            "error": attempt.error,
            "answer": attempt.answer,
            "duration_ms": attempt.duration_ms,
            "at": attempt.at,
        }
        for attempt in delivery.attempts.all()
    ]
    return show_delivery(delivery) | {"attempts": attempts}


@extend_schema(tags=["Webhook endpoints"])
class DeliveryList(ApiView):
    """An endpoint's deliveries."""

    scopes = needing(GET="webhooks.write")

    @extend_schema(operation_id="list_webhook_deliveries", parameters=[PageQuery], responses=page_of(DeliveryShape))
    def get(self, request: Request, endpoint_id: str) -> Response:
        """List deliveries.

        What was sent to a webhook endpoint, newest first.
        """
        query = read_query(request, PageQuery)
        endpoint = access_endpoint(parse_id("whk", endpoint_id), caller(request).merchant)
        before = decode_cursor(query["cursor"]) if query.get("cursor") else None
        found = list_deliveries(endpoint, before=before, limit=query["limit"] + 1)
        return Response(cut(found, query["limit"]).as_json(show_delivery))


@extend_schema(tags=["Webhook endpoints"])
class DeliveryDetail(ApiView):
    """One delivery."""

    scopes = needing(GET="webhooks.write")

    @extend_schema(operation_id="get_webhook_delivery", responses=DeliveryDetailShape)
    def get(self, request: Request, delivery_id: str) -> Response:
        """Read a delivery.

        With every try and what was answered.
        """
        return Response(_with_attempts(access_delivery(parse_id("whd", delivery_id), caller(request).merchant)))


@extend_schema(tags=["Webhook endpoints"])
class Resending(ApiView):
    """A delivery once more."""

    scopes = needing(POST="webhooks.write")

    @extend_schema(operation_id="resend_webhook_delivery", request=None, responses=DeliveryDetailShape)
    def post(self, request: Request, delivery_id: str) -> Response:
        """Send a delivery again.

        Under the same event id, from the first try on.
        """
        no_body(request)
        who, key = caller(request), parse_id("whd", delivery_id)
        services.resend(merchant=who.merchant, delivery_id=key, at=clock.now(), actor=who.actor)
        return Response(_with_attempts(access_delivery(key, who.merchant)))
