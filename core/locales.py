"""The language and locale of a page."""

from functools import cache

from babel.localedata import exists
from django.conf import settings
from django.utils.translation import get_language

HOMES = {"en": "en_US", "da": "da_DK", "sv": "sv_SE", "de": "de_DE"}


def page_locale(locale: str) -> str:
    """Return the page's language with the country of a locale, if Babel knows that pair; otherwise the language with its own country.

    In English, `da_DK` gives `en_DK`, which writes 57,25 kr. and "Sun, 6 Dec"; in German it gives `de_DE`.
    """
    _, _, country = locale.replace("-", "_").rpartition("_")
    return _known(page_language(), country)


def page_language() -> str:
    """Return the page's language without a country, such as `de`."""
    return (get_language() or settings.LANGUAGE_CODE).partition("-")[0]


@cache
def _known(language: str, country: str) -> str:
    pair = f"{language}_{country}"
    return pair if exists(pair) else HOMES.get(language, pair)
