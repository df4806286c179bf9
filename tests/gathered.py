"""All texts of the product, which several tests need: each process reads them from the sources once."""

from functools import cache

from babel.messages import Catalog
from django.conf import settings

from core.translations import gather_texts


@cache
def gathered() -> Catalog:
    """Return the catalog of all texts that code and templates mark; nobody changes it."""
    return gather_texts(settings.BASE_DIR)
