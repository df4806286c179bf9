"""The plans app."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Products, quotes, schedules, installments."""

    name = "plans"
