"""Addresses of entering."""

from django.urls import path

from portals.merchant.entering import passwords, views

urlpatterns = [
    path("merchant/sign-in", views.sign_in, name="merchant_sign_in"),
    path("merchant/password", passwords.forgotten, name="merchant_password"),
    path("merchant/password/<uidb64>/<token>/", passwords.choose, name="merchant_password_choose"),
    path("merchant/sign-out", views.sign_out, name="merchant_sign_out"),
    path("merchant/choose", views.choose, name="merchant_choose"),
]
