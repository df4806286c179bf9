"""Addresses of entering."""

from django.urls import path

from portals.consumer.entering import views

urlpatterns = [
    path("", views.landing, name="landing"),
    path("sign-in", views.sign_in, name="sign_in"),
    path("sign-in/code", views.code, name="sign_in_code"),
    path("sign-in/passkey", views.by_passkey, name="sign_in_passkey"),
    path("sign-in/passkey/options", views.options, name="sign_in_passkey_options"),
    path("sign-in/with/<slug:company>", views.with_company, name="sign_in_with"),
    path("sign-in/with/<slug:company>/back", views.back_from_company, name="sign_in_back"),
    path("sign-in/unknown", views.unknown, name="sign_in_unknown"),
    path("sign-in/resend", views.resend, name="sign_in_resend"),
    path("sign-out", views.sign_out, name="sign_out"),
]
