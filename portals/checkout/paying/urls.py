"""Addresses of paying."""

from django.urls import path

from portals.checkout.paying import carding, views

_AT = "checkout/<str:checkout_id>"

urlpatterns = [
    path(f"{_AT}/pay", views.pay, name="checkout_pay"),
    path(f"{_AT}/agreement", views.agreement, name="checkout_agreement"),
    path(f"{_AT}/card", carding.card, name="checkout_card"),
    path(f"{_AT}/card-return", carding.card_return, name="checkout_card_return"),
    path(f"{_AT}/card-done", carding.card_done, name="checkout_card_done"),
    path(f"{_AT}/confirm", views.confirm, name="checkout_confirm"),
]
