"""Addresses of overview."""

from django.urls import path

from portals.merchant.overview import views

urlpatterns = [
    path("merchant/", views.overview, name="merchant_overview"),
]
