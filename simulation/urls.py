"""API addresses that only a sandbox has."""

from django.urls import URLPattern, path

from simulation import api

urlpatterns: list[URLPattern] = [
    path("checkouts/<str:checkout_id>/complete", api.Completion.as_view()),
    path("clock", api.Clock.as_view()),
    path("gateway/charges", api.GatewayCharges.as_view()),
]
