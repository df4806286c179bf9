"""Addresses of brand."""

from django.urls import path

from portals.merchant.brand import views

urlpatterns = [
    path("merchant/look", views.look, name="merchant_look"),
    path("merchant/look/preview", views.preview, name="merchant_look_preview"),
]
