"""The learning app."""

from django.apps import AppConfig


class LearningConfig(AppConfig):
    """Models of risk: trained, stored by version, and scored without the library that trained them."""

    name = "learning"
