"""Addresses of the steps that ask for a proof: another one-time code, or the bank's confirmation of the card."""

from django.urls import path

from portals.checkout.proving import banking, views

_AT = "checkout/<str:checkout_id>"

urlpatterns = [
    path(f"{_AT}/card-check", banking.check, name="checkout_card_check"),
    path(f"{_AT}/card-check-done", banking.check_done, name="checkout_check_done"),
    path(f"{_AT}/prove", views.prove, name="checkout_prove"),
    path(f"{_AT}/prove-send", views.send, name="checkout_prove_send"),
]
