"""All URLs of the REST API."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, re_path

from checkout.api import checkouts, orders, quotes
from core.api.views import NothingHere
from merchants.api import settlements
from portals.developers import docs as api_docs
from webhooks.api import deliveries, endpoints, events

V1 = "api/v1/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/docs/", api_docs.docs, name="api_docs"),
    path(f"{V1}openapi.json", api_docs.openapi, name="openapi"),
    path(f"{V1}checkouts", checkouts.CheckoutList.as_view()),
    path(f"{V1}checkouts/<str:checkout_id>", checkouts.CheckoutDetail.as_view()),
    path(f"{V1}checkouts/<str:checkout_id>/expire", checkouts.CheckoutExpiry.as_view()),
    path(f"{V1}quotes", quotes.Quotes.as_view()),
    path(f"{V1}orders", orders.OrderList.as_view()),
    path(f"{V1}orders/<str:order_id>", orders.OrderDetail.as_view()),
    path(f"{V1}orders/<str:order_id>/captures", orders.Captures.as_view()),
    path(f"{V1}orders/<str:order_id>/refunds", orders.Refunds.as_view()),
    path(f"{V1}orders/<str:order_id>/deny_return", orders.ReturnDenial.as_view()),
    path(f"{V1}orders/<str:order_id>/postpone", orders.Postponing.as_view()),
    path(f"{V1}orders/<str:order_id>/void", orders.Voiding.as_view()),
    path(f"{V1}orders/<str:order_id>/release", orders.Releasing.as_view()),
    path(f"{V1}orders/<str:order_id>/extend", orders.Extension.as_view()),
    path(f"{V1}settlements", settlements.SettlementList.as_view()),
    path(f"{V1}settlements/<str:settlement_id>", settlements.SettlementDetail.as_view()),
    path(f"{V1}events", events.EventList.as_view()),
    path(f"{V1}events/<str:event_id>", events.EventDetail.as_view()),
    path(f"{V1}webhook_endpoints", endpoints.EndpointList.as_view()),
    path(f"{V1}webhook_endpoints/<str:endpoint_id>", endpoints.EndpointDetail.as_view()),
    path(f"{V1}webhook_endpoints/<str:endpoint_id>/rotate_secret", endpoints.SecretRotation.as_view()),
    path(f"{V1}webhook_endpoints/<str:endpoint_id>/deliveries", deliveries.DeliveryList.as_view()),
    path(f"{V1}webhook_deliveries/<str:delivery_id>", deliveries.DeliveryDetail.as_view()),
    path(f"{V1}webhook_deliveries/<str:delivery_id>/resend", deliveries.Resending.as_view()),
    *([path(f"{V1}sandbox/", include("simulation.urls"))] if settings.SANDBOX else []),
    path("", include("payments.api.urls")),
    re_path(r"^api/v1(/.*)?$", NothingHere.as_view()),
]
