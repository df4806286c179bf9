"""The brand that a payment is made to, as gateways see it."""

import unicodedata
from functools import lru_cache

from brands.models import DEFAULT
from brands.queries import get_brand
from payments.gateways.base import Speaker

LONGEST = 22
"""The number of letters for which card statements have room."""
_WRONG = frozenset("<>\\'\"*")


def speaker_of(code: str | None) -> Speaker:
    """Return a brand as gateways see it; NotFound."""
    brand = get_brand(code)
    return Speaker(brand=brand.code, statement=statement_name(brand.name), home=brand.base_url, is_first=brand.code == DEFAULT)


@lru_cache(maxsize=64)
def statement_name(name: str) -> str:
    """Return a name as a card's statement can show it: Latin letters without accents, digits and spaces, 22 at most."""
    flat = unicodedata.normalize("NFKD", name.translate({ord("ø"): "o", ord("Ø"): "O", ord("æ"): "ae", ord("Æ"): "AE", ord("ß"): "ss"}))
    kept = "".join(letter for letter in flat if letter.isascii() and letter.isprintable() and letter not in _WRONG)
    return " ".join(kept.split())[:LONGEST].strip()
