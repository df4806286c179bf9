"""Events and webhook endpoints."""

import secrets

from . import objects
from .protocol import Call, Thing, invalid, missing, only, required


def get_event(call: Call) -> Thing:
    """Show an event."""
    return objects.get(call.world, call.id, "event")


def list_events(call: Call) -> Thing:
    """List events, also of one type."""
    return objects.page(call, "event", "/v1/events", owner=call.params.get("type"))


def create(call: Call) -> Thing:
    """Send events somewhere; the secret is told once."""
    only(call.params, "url enabled_events description metadata api_version connect")
    url, wanted = str(required(call.params, "url")), required(call.params, "enabled_events")
    if not url.startswith(("http://", "https://")) or not isinstance(wanted, list):
        invalid("Invalid URL or enabled_events.", param="url")
    secret = "whsec_" + secrets.token_hex(16)
    own = objects.chosen(call, "description")
    endpoint = objects.new(call, "webhook_endpoint", "we", url=url, enabled_events=wanted, **own, metadata=objects.metadata_of(call))
    _remember(call, {**call.world.courier.stripe_endpoints, endpoint["id"]: {**endpoint, "secret": secret}})
    return {**endpoint, "secret": secret}


def get(call: Call) -> Thing:
    """Show a webhook endpoint."""
    endpoint = call.world.courier.stripe_endpoints.get(call.id)
    if endpoint is None:
        missing("webhook endpoint", call.id)
    return {name: value for name, value in endpoint.items() if name != "secret"}


def index(call: Call) -> Thing:
    """List the webhook endpoints."""
    endpoints = reversed(call.world.courier.stripe_endpoints.values())
    data = [{name: value for name, value in endpoint.items() if name != "secret"} for endpoint in endpoints]
    return {"object": "list", "data": data, "has_more": False, "url": "/v1/webhook_endpoints"}


def delete(call: Call) -> Thing:
    """Stop sending events to an endpoint."""
    get(call)
    _remember(call, {name: value for name, value in call.world.courier.stripe_endpoints.items() if name != call.id})
    return {"id": call.id, "object": "webhook_endpoint", "deleted": True}


def _remember(call: Call, endpoints: dict[str, Thing]) -> None:
    call.world.courier.stripe_endpoints = endpoints
    call.world.store.set_setting("stripe_endpoints", endpoints)
