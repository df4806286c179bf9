"""Events by number: what heals any loss of webhooks."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.serializers import Query, page_of, read_query
from core.api.views import ApiView, needing
from core.ids import parse_id
from merchants.api.authentication import caller
from webhooks.queries import access_event, describe_event, list_events

MAX_SEQUENCE = 2**63 - 1


class EventQuery(Query):
    """Which events."""

    after = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=MAX_SEQUENCE, help_text="The last sequence number that you have."
    )
    cursor = serializers.IntegerField(
        required=False, min_value=0, max_value=MAX_SEQUENCE, help_text="The `next_cursor` of the page before."
    )
    limit = serializers.IntegerField(required=False, default=100, min_value=1, max_value=1000)


class EventShape(serializers.Serializer[Any]):
    """Something that happened; `sequence` counts a merchant's events without gaps."""

    sequence = serializers.IntegerField()
    id = serializers.CharField()
    type = serializers.CharField()
    created_at = serializers.DateTimeField()
    data = serializers.DictField()  # type: ignore[assignment]


@extend_schema(tags=["Events"])
class EventList(ApiView):
    """A merchant's events."""

    scopes = needing(GET="orders.read")

    @extend_schema(operation_id="list_events", parameters=[EventQuery], responses=page_of(EventShape))
    def get(self, request: Request) -> Response:
        """List events.

        Those after a sequence number, oldest first and without gaps. Keep the last number that you worked through: asking after
        it heals whatever was lost on the way.
        """
        query = read_query(request, EventQuery)
        found = list_events(caller(request).merchant, after=query.get("cursor", query["after"]), limit=query["limit"] + 1)
        rows = found[: query["limit"]]
        more = str(rows[-1].sequence) if len(found) > len(rows) else None
        return Response({"data": [describe_event(event) for event in rows], "next_cursor": more})


@extend_schema(tags=["Events"])
class EventDetail(ApiView):
    """One event."""

    scopes = needing(GET="orders.read")

    @extend_schema(operation_id="get_event", responses=EventShape)
    def get(self, request: Request, event_id: str) -> Response:
        """Read an event.

        As it was sent to your webhook endpoints, word for word.
        """
        return Response(describe_event(access_event(parse_id("evt", event_id), caller(request).merchant)))
