"""Addresses of limit."""

from django.urls import path

from portals.consumer.limit import bank, figures, own, views

urlpatterns = [
    path("limit", views.limit, name="limit"),
    path("limit/own", own.own_limit, name="own_limit"),
    path("limit/figures", figures.figures, name="figures"),
    path("limit/bank", bank.bank, name="bank"),
    path("limit/bank/back", bank.back, name="bank_back"),
]
