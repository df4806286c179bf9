"""Addresses of entering."""

from django.urls import path

from portals.merchant.entering import views

urlpatterns = [
    path("merchant/sign-in", views.sign_in, name="merchant_sign_in"),
    path("merchant/sign-out", views.sign_out, name="merchant_sign_out"),
    path("merchant/choose", views.choose, name="merchant_choose"),
]
