"""The payments app."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """Gateways, payment methods, charges, refunds, payouts."""

    name = "payments"

    def ready(self) -> None:
        """Register the providers of this app."""
        from payments.gateways.registration import register_all

        register_all()
