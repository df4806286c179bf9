"""Addresses of paying."""

from django.urls import path

from portals.consumer.paying import by_link, deposit, freely, promise_by_link, views

urlpatterns = [
    path("pay", freely.pay_amount, name="pay_amount"),
    path("pay/now/<str:token>", by_link.pay_by_link, name="pay_by_link"),
    path("pay/now/<str:token>/promise", promise_by_link.promise_by_link, name="pay_link_promise"),
    path("pay/<str:charge_id>", freely.amount_paid, name="amount_paid"),
    path("purchases/<str:order_id>/pay", views.pay, name="purchase_pay"),
    path("purchases/<str:order_id>/deposit", deposit.pay_deposit, name="purchase_deposit"),
    path("purchases/<str:order_id>/payments/<str:charge_id>", views.payment, name="purchase_payment"),
]
