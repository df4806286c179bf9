"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People: consumers, sign-in, onboarding, KYC."""

    name = "accounts"
