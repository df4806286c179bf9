"""Webhook endpoints: where events are sent, and the secret that signs them."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.api.fields import StrictBooleanField, TextField, WebUrlField
from core.api.serializers import StrictSerializer, no_body, page_of, read_body
from core.api.views import ApiView, needing
from core.errors import Invalid
from core.ids import parse_id
from core.sentences import Sentence
from merchants.api.authentication import caller
from webhooks import services
from webhooks.models import Endpoint
from webhooks.queries import access_endpoint, list_endpoints
from webhooks.rules import EVENT_TYPES
from webhooks.texts import off_reason


class EndpointForm(StrictSerializer):
    """An endpoint to make."""

    url = WebUrlField(max_length=500)
    events = serializers.ListField(
        child=TextField(max_length=60), required=False, max_length=len(EVENT_TYPES), help_text="All where none is named."
    )


class EndpointChangeForm(StrictSerializer):
    """What can be changed of an endpoint."""

    url = WebUrlField(max_length=500, required=False)
    events = serializers.ListField(child=TextField(max_length=60), required=False, max_length=len(EVENT_TYPES))
    disabled = StrictBooleanField(required=False)


class EndpointShape(serializers.Serializer[Any]):
    """Where events are sent."""

    id = serializers.CharField()
    url = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField())
    status = serializers.ChoiceField(choices=["enabled", "disabled"])
    disabled_at = serializers.DateTimeField(allow_null=True)
    disabled_reason = serializers.CharField()
    created_at = serializers.DateTimeField()


class EndpointSecretShape(EndpointShape):
    """An endpoint with its new secret, which is shown this once."""

    secret = serializers.CharField()


def show_endpoint(endpoint: Endpoint) -> dict[str, Any]:
    """Return an endpoint without its secrets."""
    return {
        "id": endpoint.public_id,
        "url": endpoint.url,
        "events": endpoint.events,
        "status": "enabled" if endpoint.active else "disabled",
        "disabled_at": endpoint.disabled_at,
        "disabled_reason": off_reason(endpoint.disabled_reason),
        "created_at": endpoint.created_at,
    }


def _with_secret(endpoint: Endpoint) -> dict[str, Any]:
    return show_endpoint(endpoint) | {"secret": endpoint.secrets[0]["secret"]}


@extend_schema(tags=["Webhook endpoints"])
class EndpointList(ApiView):
    """A merchant's endpoints."""

    scopes = needing(GET="webhooks.write", POST="webhooks.write")

    @extend_schema(operation_id="list_webhook_endpoints", responses=page_of(EndpointShape))
    def get(self, request: Request) -> Response:
        """List webhook endpoints.

        Oldest first, all on one page; their secrets are not shown again.
        """
        return Response({"data": [show_endpoint(endpoint) for endpoint in list_endpoints(caller(request).merchant)], "next_cursor": None})

    @extend_schema(operation_id="create_webhook_endpoint", request=EndpointForm, responses={201: EndpointSecretShape})
    def post(self, request: Request) -> Response:
        """Make a webhook endpoint.

        The answer shows its secret, once. Events are signed by Standard Webhooks. In live mode the address must be of one of
        your registered origins.
        """
        who, sent = caller(request), read_body(request, EndpointForm)
        endpoint = services.create_endpoint(
            merchant=who.merchant, url=sent["url"], events=sent.get("events", []), at=clock.now(), actor=who.actor
        )
        return Response(_with_secret(endpoint), status=201)


@extend_schema(tags=["Webhook endpoints"])
class EndpointDetail(ApiView):
    """One endpoint."""

    scopes = needing(GET="webhooks.write", PATCH="webhooks.write", DELETE="webhooks.write")

    @extend_schema(operation_id="get_webhook_endpoint", responses=EndpointShape)
    def get(self, request: Request, endpoint_id: str) -> Response:
        """Read a webhook endpoint.

        Its address, which events it gets, and whether it is in use.
        """
        return Response(show_endpoint(access_endpoint(parse_id("whk", endpoint_id), caller(request).merchant)))

    @extend_schema(operation_id="update_webhook_endpoint", request=EndpointChangeForm, responses=EndpointShape)
    def patch(self, request: Request, endpoint_id: str) -> Response:
        """Change a webhook endpoint.

        Its address or events; or disable it, and enable it again.
        """
        who, sent = caller(request), read_body(request, EndpointChangeForm)
        if not sent:
            raise Invalid("Nothing to change was sent.", fields={"url": Sentence("send url, events or disabled")})
        own: dict[str, Any] = {"merchant": who.merchant, "endpoint_id": parse_id("whk", endpoint_id), "at": clock.now(), "actor": who.actor}
        endpoint = services.update_endpoint(**own, url=sent.get("url"), events=sent.get("events"))
        if "disabled" in sent:
            change = services.disable_endpoint if sent["disabled"] else services.enable_endpoint
            endpoint = change(**own)
        return Response(show_endpoint(endpoint))

    @extend_schema(operation_id="delete_webhook_endpoint", request=None, responses={204: None})
    def delete(self, request: Request, endpoint_id: str) -> Response:
        """Remove a webhook endpoint.

        For good, with what still waits to be sent to it.
        """
        who = caller(request)
        services.remove_endpoint(merchant=who.merchant, endpoint_id=parse_id("whk", endpoint_id), at=clock.now(), actor=who.actor)
        return Response(status=204)


@extend_schema(tags=["Webhook endpoints"])
class SecretRotation(ApiView):
    """An endpoint's next secret."""

    scopes = needing(POST="webhooks.write")

    @extend_schema(operation_id="rotate_webhook_secret", request=None, responses=EndpointSecretShape)
    def post(self, request: Request, endpoint_id: str) -> Response:
        """Rotate the secret.

        The new one is shown once; for 24 hours the old one signs beside it.
        """
        no_body(request)
        who = caller(request)
        endpoint = services.rotate_secret(merchant=who.merchant, endpoint_id=parse_id("whk", endpoint_id), at=clock.now(), actor=who.actor)
        return Response(_with_secret(endpoint))
