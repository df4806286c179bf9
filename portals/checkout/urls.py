"""Addresses of the hosted checkout."""

from django.urls import path

from portals.checkout import carding, deciding, entering, paying, views
from portals.language import choose_language

_AT = "checkout/<str:checkout_id>"

urlpatterns = [
    path("checkout/language", choose_language, name="framed_language"),
    path(_AT, views.checkout, name="checkout"),
    path(f"{_AT}/contact", entering.contact, name="checkout_contact"),
    path(f"{_AT}/code", entering.code, name="checkout_code"),
    path(f"{_AT}/resend", entering.resend, name="checkout_resend"),
    path(f"{_AT}/forget", entering.forget, name="checkout_forget"),
    path(f"{_AT}/details", deciding.details, name="checkout_details"),
    path(f"{_AT}/proceed", deciding.proceed, name="checkout_proceed"),
    path(f"{_AT}/pay", paying.pay, name="checkout_pay"),
    path(f"{_AT}/agreement", paying.agreement, name="checkout_agreement"),
    path(f"{_AT}/card", carding.card, name="checkout_card"),
    path(f"{_AT}/card-return", carding.card_return, name="checkout_card_return"),
    path(f"{_AT}/card-done", carding.card_done, name="checkout_card_done"),
    path(f"{_AT}/confirm", paying.confirm, name="checkout_confirm"),
    path(f"{_AT}/leave", views.leave, name="checkout_leave"),
]
