"""Addresses of the merchant portal."""

from django.urls import include, path

urlpatterns = [
    path("", include("portals.merchant.overview.urls")),
    path("", include("portals.merchant.entering.urls")),
    path("", include("portals.merchant.orders.urls")),
    path("", include("portals.merchant.refunds.urls")),
    path("", include("portals.merchant.money.urls")),
    path("", include("portals.merchant.keys.urls")),
    path("", include("portals.merchant.webhooks.urls")),
    path("", include("portals.merchant.brand.urls")),
    path("", include("portals.merchant.team.urls")),
]
