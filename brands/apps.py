"""The app of brands."""

from django.apps import AppConfig


class BrandsConfig(AppConfig):
    """Brands: who speaks to people and machines."""

    name = "brands"
