"""Addresses of webhooks."""

from django.urls import path

from portals.merchant.webhooks import deliveries, views

urlpatterns = [
    path("merchant/webhooks", views.endpoints, name="merchant_webhooks"),
    path("merchant/webhooks/new", views.new, name="merchant_webhook_new"),
    path("merchant/webhooks/<str:endpoint_id>", views.endpoint, name="merchant_webhook"),
    path("merchant/webhooks/<str:endpoint_id>/edit", views.edit, name="merchant_webhook_edit"),
    path("merchant/webhooks/<str:endpoint_id>/secret", views.rotate, name="merchant_webhook_rotate"),
    path("merchant/webhooks/<str:endpoint_id>/secret/made", views.secret, name="merchant_webhook_secret"),
    path("merchant/webhooks/<str:endpoint_id>/disable", views.disable, name="merchant_webhook_disable"),
    path("merchant/webhooks/<str:endpoint_id>/enable", views.enable, name="merchant_webhook_enable"),
    path("merchant/webhooks/<str:endpoint_id>/remove", views.remove, name="merchant_webhook_remove"),
    path("merchant/events", deliveries.events, name="merchant_events"),
    path("merchant/events/<str:event_id>", deliveries.event, name="merchant_event"),
    path("merchant/deliveries/<str:delivery_id>", deliveries.delivery, name="merchant_delivery"),
    path("merchant/deliveries/<str:delivery_id>/resend", deliveries.resend, name="merchant_resend"),
]
