"""The checkout app."""

from django.apps import AppConfig


class CheckoutConfig(AppConfig):
    """Sessions, orders, holds, captures, refunds."""

    name = "checkout"
