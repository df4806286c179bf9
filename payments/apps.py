"""The payments app."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """Gateways, payment methods, charges, refunds, payouts."""

    name = "payments"
