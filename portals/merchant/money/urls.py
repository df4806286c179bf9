"""Addresses of money."""

from django.urls import path

from portals.merchant.money import views

urlpatterns = [
    path("merchant/settlements", views.settlements, name="merchant_settlements"),
    path("merchant/settlements/<str:settlement_id>", views.settlement, name="merchant_settlement"),
    path("merchant/settlements/<str:settlement_id>/lines.csv", views.export, name="merchant_settlement_export"),
]
