"""Addresses of refunds."""

from django.urls import path

from portals.merchant.refunds import views

urlpatterns = [
    path("merchant/orders/<str:order_id>/refund", views.refund, name="merchant_refund"),
    path("merchant/refunds", views.refunds, name="merchant_refunds"),
]
