"""Addresses to which gateways send their events."""

from django.urls import path

from payments.api.views import gateway_event

urlpatterns = [path("gateways/<slug:name>/events", gateway_event, name="gateway-event")]
