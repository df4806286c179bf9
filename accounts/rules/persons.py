"""By what one person is recognized in another account; pure."""

import re
import unicodedata
from collections.abc import Mapping

_PLACE = {"US": re.compile(r"\d{5}", re.ASCII)}
"""What of a postal code stands for a place, where it is not all of it."""


def person_key(name: str, birth_date: str, address: Mapping[str, str]) -> str:
    """Return what a person is recognized by: name, birth date and postal code, whatever the order, case and accents of the names.

    The street is left out, for it has too many spellings. Twins of one household have the same date and place, and other names.
    """
    plain = "".join(char for char in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(char))
    names = sorted(re.findall(r"\w+", plain))
    country, code = address.get("country", ""), address.get("postal_code", "")
    place = _PLACE.get(country)
    found = place.match(code) if place else None
    return "|".join([" ".join(names), birth_date, country, found[0] if found else code])
