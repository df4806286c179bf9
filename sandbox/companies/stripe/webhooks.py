"""Events and webhook endpoints."""

import hashlib
import hmac
import secrets
import time

from sandbox.world import Address, Events, World

from . import objects
from .protocol import Call, Thing, invalid, missing, only, required


def get_event(call: Call) -> Thing:
    """Show an event."""
    return objects.get(call.world, call.id, "event")


def list_events(call: Call) -> Thing:
    """List events, all or of one or several types."""
    return objects.page(call, "event", "/v1/events", owner=call.params.get("type"), owners=call.params.get("types"))


def create(call: Call) -> Thing:
    """Create a webhook endpoint; its secret is shown only in this answer."""
    only(call.params, "url enabled_events description metadata api_version connect")
    url, wanted = str(required(call.params, "url")), required(call.params, "enabled_events")
    if not url.startswith(("http://", "https://")) or not isinstance(wanted, list):
        invalid("Invalid URL or enabled_events.", param="url")
    secret = "whsec_" + secrets.token_hex(16)
    own = objects.chosen(call, "description")
    endpoint = objects.new(call, "webhook_endpoint", "we", url=url, enabled_events=wanted, **own, metadata=objects.metadata_of(call))
    _remember(call, {**objects.endpoints(call.world), endpoint["id"]: {**endpoint, "secret": secret}})
    return {**endpoint, "secret": secret}


def get(call: Call) -> Thing:
    """Show a webhook endpoint."""
    endpoint = objects.endpoints(call.world).get(call.id)
    if endpoint is None:
        missing("webhook endpoint", call.id)
    return {name: value for name, value in endpoint.items() if name != "secret"}


def index(call: Call) -> Thing:
    """List the webhook endpoints."""
    endpoints = reversed(objects.endpoints(call.world).values())
    data = [{name: value for name, value in endpoint.items() if name != "secret"} for endpoint in endpoints]
    return {"object": "list", "data": data, "has_more": False, "url": "/v1/webhook_endpoints"}


def delete(call: Call) -> Thing:
    """Stop sending events to an endpoint."""
    get(call)
    _remember(call, {name: value for name, value in objects.endpoints(call.world).items() if name != call.id})
    return {"id": call.id, "object": "webhook_endpoint", "deleted": True}


def _remember(call: Call, endpoints: dict[str, Thing]) -> None:
    call.world.memory["stripe"] = endpoints
    call.world.store.set_setting("stripe_endpoints", endpoints)


def remembered(world: World) -> dict[str, Thing]:
    """The endpoints made before the process started."""
    return world.store.setting("stripe_endpoints") or {}


def forget(world: World) -> None:
    """Stop sending events to any endpoint."""
    world.memory["stripe"] = {}
    world.store.set_setting("stripe_endpoints", {})


def _address(world: World, stream: str) -> Address | None:
    endpoint = objects.endpoints(world).get(stream)
    return Address(endpoint["url"], endpoint["secret"]) if endpoint else None


def _headers(secret: str, _event_id: str, body: bytes) -> dict[str, str]:
    """Stripe's `Stripe-Signature`: hex HMAC-SHA256 of `timestamp.body` with the whole secret as key."""
    stamp = str(int(time.time()))
    signature = hmac.digest(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hex()
    return {
        "Content-Type": "application/json",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": f"t={stamp},v1={signature}",
    }


EVENTS = Events(streams="we_", address=_address, headers=_headers)
