"""Addresses of the consumer portal."""

from django.urls import include, path

from portals.language import choose_language

urlpatterns = [
    path("language", choose_language, name="language"),
    path("", include("portals.consumer.entering.urls")),
    path("", include("portals.consumer.home.urls")),
    path("", include("portals.consumer.purchases.urls")),
    path("", include("portals.consumer.paying.urls")),
    path("", include("portals.consumer.wallet.urls")),
    path("", include("portals.consumer.limit.urls")),
    path("", include("portals.consumer.notices.urls")),
    path("", include("portals.consumer.requests.urls")),
    path("", include("portals.consumer.account.urls")),
    path("", include("portals.consumer.security.urls")),
]
