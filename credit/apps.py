"""The credit app."""

from django.apps import AppConfig


class CreditConfig(AppConfig):
    """Data sources, scorecard, limits, decisions."""

    name = "credit"

    def ready(self) -> None:
        """Register the providers of this app."""
        from credit.gateways.registration import register_all

        register_all()
