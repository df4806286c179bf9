"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People: consumers, sign-in, onboarding, KYC."""

    name = "accounts"

    def ready(self) -> None:
        """Begin to write who signs in."""
        from accounts import signing

        signing.listen()
