"""Addresses of deciding."""

from django.urls import path

from portals.checkout.deciding import countering, figures, pictures, views

_AT = "checkout/<str:checkout_id>"

urlpatterns = [
    path(f"{_AT}/details", views.details, name="checkout_details"),
    # Of its own, since larger bodies are allowed by how a path begins.
    path("pictures/<str:checkout_id>", pictures.pictures, name="checkout_pictures"),
    path(f"{_AT}/figures", figures.figures, name="checkout_figures"),
    path(f"{_AT}/counter-offer", countering.accept, name="checkout_counter"),
    path(f"{_AT}/proceed", views.proceed, name="checkout_proceed"),
]
