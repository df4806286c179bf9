"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People: consumers, sign-in, onboarding, KYC."""

    name = "accounts"

    def ready(self) -> None:
        """Begin to write who signs in, and make its providers known."""
        from accounts import signing
        from accounts.gateways.registration import register_all

        signing.listen()
        register_all()
