"""Merchants' endpoints: create, change, rotate the secret, disable and enable."""

import base64
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from core.clock import wall
from core.db import execute, unit
from core.errors import Invalid
from core.sentences import Sentence
from merchants.models import Merchant
from merchants.queries import registered_origins
from webhooks import rules
from webhooks.errors import EndpointDisabled, TooManyEndpoints, UnknownEventType, UrlRefused
from webhooks.models import Endpoint
from webhooks.queries import lock_endpoint, lock_endpoint_count
from webhooks.states import DELIVERY

_FAIL, _WAITING = DELIVERY.move("fail")
_GIVE_UP = f"UPDATE webhooks_delivery SET {_FAIL} WHERE endpoint_id = %s AND {_WAITING}"  # noqa: S608  (words of our own)


def create_endpoint(*, merchant: Merchant, url: str, events: Sequence[str] = (), at: datetime, actor: str) -> Endpoint:
    """Create an endpoint for the given types of events (none means all) and return it; `secrets[0]["secret"]` signs.

    UrlRefused, UnknownEventType, TooManyEndpoints (10).
    """
    _check(merchant, url, events)
    with unit():
        if lock_endpoint_count(merchant) >= rules.MAX_ENDPOINTS:
            raise TooManyEndpoints(Sentence("A merchant has at most %(most)s webhook endpoints.", most=rules.MAX_ENDPOINTS))
        return Endpoint.objects.create(
            merchant=merchant,
            url=url,
            events=list(events),
            secrets=rules.rotated([], secret=_new_secret(), at=wall()),
            created_at=at,
            changed_at=at,
            changed_by=actor,
        )


def update_endpoint(
    *, merchant: Merchant, endpoint_id: uuid.UUID, url: str | None = None, events: Sequence[str] | None = None, at: datetime, actor: str
) -> Endpoint:
    """Change an endpoint's address or its types of events; NotFound, UrlRefused, UnknownEventType."""
    with unit():
        endpoint = lock_endpoint(endpoint_id, merchant)
        endpoint.url = endpoint.url if url is None else url
        endpoint.events = endpoint.events if events is None else list(events)
        _check(merchant, endpoint.url, endpoint.events)
        return _save(endpoint, at, actor)


def rotate_secret(*, merchant: Merchant, endpoint_id: uuid.UUID, at: datetime, actor: str) -> Endpoint:
    """Give an endpoint a new secret; for 24 hours both secrets sign, so that the receiver can switch. NotFound."""
    with unit():
        endpoint = lock_endpoint(endpoint_id, merchant)
        endpoint.secrets = rules.rotated(endpoint.secrets, secret=_new_secret(), at=wall())
        return _save(endpoint, at, actor)


def disable_endpoint(*, merchant: Merchant, endpoint_id: uuid.UUID, reason: str = "", at: datetime, actor: str) -> Endpoint:
    """Disable an endpoint; its waiting deliveries fail. NotFound."""
    with unit():
        endpoint = lock_endpoint(endpoint_id, merchant)
        if endpoint.active:
            close_endpoint(endpoint, reason=reason, at=at, actor=actor)
    return endpoint


def close_endpoint(endpoint: Endpoint, *, reason: str, at: datetime, actor: str = "webhooks") -> None:
    """Disable an endpoint that is not disabled yet; its waiting deliveries fail."""
    endpoint.disabled_at, endpoint.disabled_reason = at, reason
    endpoint.changed_at, endpoint.changed_by = at, actor
    endpoint.save(update_fields=["disabled_at", "disabled_reason", "changed_at", "changed_by"])
    execute(_GIVE_UP, [endpoint.pk])


def enable_endpoint(*, merchant: Merchant, endpoint_id: uuid.UUID, at: datetime, actor: str) -> Endpoint:
    """Enable an endpoint for new events; deliveries that failed meanwhile can be sent again one by one. NotFound."""
    with unit():
        endpoint = lock_endpoint(endpoint_id, merchant)
        endpoint.disabled_at, endpoint.disabled_reason = None, ""
        return _save(endpoint, at, actor)


def remove_endpoint(*, merchant: Merchant, endpoint_id: uuid.UUID, at: datetime, actor: str) -> None:
    """Remove an endpoint for good; its log is kept, but not shown. NotFound."""
    with unit():
        endpoint = lock_endpoint(endpoint_id, merchant)
        endpoint.removed_at = at
        execute(_GIVE_UP, [endpoint.pk])
        _save(endpoint, at, actor)


def require_active(endpoint: Endpoint) -> None:
    """Raise EndpointDisabled unless events are sent to the endpoint."""
    if not endpoint.active:
        raise EndpointDisabled("This endpoint is disabled. Enable it first.")


def _save(endpoint: Endpoint, at: datetime, actor: str) -> Endpoint:
    endpoint.changed_at, endpoint.changed_by = at, actor
    endpoint.save()
    return endpoint


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _check(merchant: Merchant, url: str, events: Sequence[str]) -> None:
    """Raise Invalid with all faults; if there is only one fault, raise its own error."""
    found = [error for error in (_url_fault(merchant, url), _events_fault(events)) if error]
    if len(found) == 2:
        raise Invalid(" ".join(error.detail for error in found), fields=found[0].fields | found[1].fields)
    if found:
        raise found[0]


def _events_fault(events: Sequence[str]) -> Invalid | None:
    known = sorted(rules.EVENT_TYPES.values())
    unknown = [event for event in events if event not in known]
    if not unknown:
        return None
    fault = Sentence("one or more of %(names)s", names=", ".join(known))
    return UnknownEventType(Sentence("There is no event %(name)s.", name=repr(unknown[0])), fields={"events": fault})


def _url_fault(merchant: Merchant, url: str) -> Invalid | None:
    try:
        target = rules.read_target(url, sandbox=settings.SANDBOX)
    except rules.Refused as refused:
        return UrlRefused(str(refused), fields={"url": str(refused)})
    # In a sandbox a shop tries the product out before it registers a site.
    if settings.SANDBOX or target.origin in registered_origins(merchant):
        return None
    text = Sentence("%(origin)s is not one of your registered origins.", origin=target.origin)
    return UrlRefused(text, code="merchant.origin_not_registered", fields={"url": text})
