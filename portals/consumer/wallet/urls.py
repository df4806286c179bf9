"""Addresses of wallet."""

from django.urls import path

from portals.consumer.wallet import views

urlpatterns = [
    path("payments", views.wallet, name="payments"),
    path("payments/cards", views.add_card, name="card_add"),
    path("payments/accounts", views.add_account, name="account_add"),
    path("payments/account-return", views.account_return, name="account_return"),
    path("payments/card-return", views.card_return, name="card_return"),
    path("payments/cards/<str:method_id>", views.change_card, name="card_change"),
]
