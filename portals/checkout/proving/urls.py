"""Addresses of the step that asks for another one-time code."""

from django.urls import path

from portals.checkout.proving import banking, views

_AT = "checkout/<str:checkout_id>"

urlpatterns = [
    path(f"{_AT}/card-check", banking.check, name="checkout_card_check"),
    path(f"{_AT}/card-checked", banking.checked, name="checkout_card_checked"),
    path(f"{_AT}/prove", views.prove, name="checkout_prove"),
    path(f"{_AT}/prove-send", views.send, name="checkout_prove_send"),
]
