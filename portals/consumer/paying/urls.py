"""Addresses of paying."""

from django.urls import path

from portals.consumer.paying import views

urlpatterns = [
    path("purchases/<str:order_id>/pay", views.pay, name="purchase_pay"),
    path("purchases/<str:order_id>/payments/<str:charge_id>", views.payment, name="purchase_payment"),
]
