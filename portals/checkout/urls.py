"""Addresses of the hosted checkout."""

from django.urls import include, path

from portals.checkout import views
from portals.language import choose_language

_AT = "checkout/<str:checkout_id>"

urlpatterns = [
    path("checkout/language", choose_language, name="framed_language"),
    path(_AT, views.checkout, name="checkout"),
    path(f"{_AT}/leave", views.leave, name="checkout_leave"),
    path("", include("portals.checkout.entering.urls")),
    path("", include("portals.checkout.deciding.urls")),
    path("", include("portals.checkout.paying.urls")),
    path("", include("portals.checkout.proving.urls")),
]
