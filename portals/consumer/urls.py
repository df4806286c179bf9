"""Addresses of the consumer portal."""

from django.urls import path

from portals.consumer import account, asking, copying, entering, home, paying, purchases, refunds, wallet
from portals.language import choose_language

urlpatterns = [
    path("", entering.landing, name="landing"),
    path("sign-in", entering.sign_in, name="sign_in"),
    path("sign-in/code", entering.code, name="sign_in_code"),
    path("sign-in/unknown", entering.unknown, name="sign_in_unknown"),
    path("sign-in/resend", entering.resend, name="sign_in_resend"),
    path("language", choose_language, name="language"),
    path("sign-out", entering.sign_out, name="sign_out"),
    path("home", home.home, name="home"),
    path("purchases", purchases.purchases, name="purchases"),
    path("purchases/<str:order_id>", purchases.purchase, name="purchase"),
    path("purchases/<str:order_id>/agreement", purchases.agreement, name="purchase_agreement"),
    path("purchases/<str:order_id>/card", purchases.card, name="purchase_card"),
    path("purchases/<str:order_id>/pay", paying.pay, name="purchase_pay"),
    path("purchases/<str:order_id>/payments/<str:charge_id>", paying.payment, name="purchase_payment"),
    path("purchases/<str:order_id>/refunds/<str:refund_id>", refunds.refund, name="purchase_refund"),
    path("payments", wallet.wallet, name="payments"),
    path("payments/cards", wallet.add_card, name="card_add"),
    path("payments/accounts", wallet.add_account, name="account_add"),
    path("payments/account-return", wallet.account_return, name="account_return"),
    path("payments/card-return", wallet.card_return, name="card_return"),
    path("payments/cards/<str:method_id>", wallet.change_card, name="card_change"),
    path("limit", account.limit, name="limit"),
    path("help", account.help_page, name="help"),
    path("requests", asking.requests, name="requests"),
    path("requests/new/<str:kind>", asking.ask, name="request_new"),
    path("requests/<str:request_id>", asking.asked, name="request"),
    path("inbox", account.inbox, name="inbox"),
    path("profile", account.profile, name="profile"),
    path("profile/copy", copying.copy, name="profile_copy"),
]
