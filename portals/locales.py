"""The locale that a page is written in."""

LANGUAGE = "en"
"""The language of the texts; amounts and dates take the form of the person's country."""


def page_locale(locale: str) -> str:
    """Return English with the country of a locale: `da_DK` gives `en_DK`, which writes 57,25 kr. and "Sun, 6 Dec"."""
    _, _, country = locale.replace("-", "_").rpartition("_")
    return f"{LANGUAGE}_{country}"
