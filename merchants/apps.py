"""The merchants app."""

from django.apps import AppConfig


class MerchantsConfig(AppConfig):
    """Merchant accounts, pricing, keys, team, settlement."""

    name = "merchants"
