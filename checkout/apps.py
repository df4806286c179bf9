"""The checkout app."""

from django.apps import AppConfig


class CheckoutConfig(AppConfig):
    """Sessions, orders, reviews, captures, refunds."""

    name = "checkout"
