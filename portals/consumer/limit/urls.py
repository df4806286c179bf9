"""Addresses of limit."""

from django.urls import path

from portals.consumer.limit import bank, figures, notices, own, views

urlpatterns = [
    path("limit", views.limit, name="limit"),
    path("limit/own", own.own_limit, name="own_limit"),
    path("limit/figures", figures.figures, name="figures"),
    path("limit/bank", bank.bank, name="bank"),
    path("limit/bank/back", bank.back, name="bank_back"),
    path("limit/refusals/<str:decision_id>.pdf", notices.pdf, name="refusal_pdf"),
    path("limit/cuts/<str:notice>.pdf", notices.cut_pdf, name="cut_pdf"),
]
