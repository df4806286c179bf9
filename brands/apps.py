"""The app of brands."""

from django.apps import AppConfig


class BrandsConfig(AppConfig):
    """Brands: the lenders of an installation, with name, look and host."""

    name = "brands"
