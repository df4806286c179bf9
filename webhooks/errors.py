"""Errors of endpoints and deliveries."""

from core.errors import Conflict, Invalid


class UrlRefused(Invalid):
    """Events cannot be sent to this address."""

    code = "webhooks.url_refused"


class UnknownEventType(Invalid):
    """There is no event of this type."""

    code = "webhooks.event_type_unknown"


class TooManyEndpoints(Conflict):
    """A merchant has the largest permitted number of endpoints."""

    code = "webhooks.too_many_endpoints"


class EndpointDisabled(Conflict):
    """Nothing is sent to an endpoint that is disabled."""

    code = "webhooks.endpoint_disabled"
