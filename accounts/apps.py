"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People: consumers, sign-in, onboarding, KYC."""

    name = "accounts"

    def ready(self) -> None:
        """Start the log of sign-ins, and register the app's providers."""
        from accounts import signing
        from accounts.gateways.registration import register_all

        signing.listen()
        register_all()
