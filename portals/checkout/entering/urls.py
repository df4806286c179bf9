"""Addresses of entering."""

from django.urls import path

from portals.checkout.entering import views

_AT = "checkout/<str:checkout_id>"

urlpatterns = [
    path(f"{_AT}/contact", views.contact, name="checkout_contact"),
    path(f"{_AT}/passkey", views.by_passkey, name="checkout_passkey"),
    path(f"{_AT}/passkey/options", views.options, name="checkout_passkey_options"),
    path(f"{_AT}/code", views.code, name="checkout_code"),
    path(f"{_AT}/resend", views.resend, name="checkout_resend"),
    path(f"{_AT}/forget", views.forget, name="checkout_forget"),
]
