"""Addresses of keys."""

from django.urls import path

from portals.merchant.keys import views

urlpatterns = [
    path("merchant/keys", views.keys, name="merchant_keys"),
    path("merchant/keys/made", views.made, name="merchant_key_made"),
    path("merchant/keys/<str:key_id>/revoke", views.revoke, name="merchant_key_revoke"),
]
