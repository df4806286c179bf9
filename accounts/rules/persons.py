"""The keys that show that two accounts belong to the same person; pure."""

import re
import unicodedata
from collections.abc import Mapping

_PLACE = {"US": re.compile(r"\d{5}", re.ASCII)}
"""The part of a postal code that identifies a place, in markets where it is not the whole code."""


_JOINED = re.compile(r"[\u0027\u2018\u2019\u02bc\u00b4\u0060\u2010-\u2015-]")
"""Apostrophes and hyphens: O'Brien is OBrien, and Anna-Lise Annalise."""
_LETTERS = str.maketrans(
    {
        "ø": "o",
        "æ": "a",
        "œ": "o",
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "þ": "th",
        "ı": "i",
        # Cyrillic and Greek letters that look like Latin ones, for names that mix alphabets.
        **dict(zip("аеорсухіјѕкмтвн", "aeopcyxijskmtbh", strict=True)),
        **dict(zip("αονρειηκτυχ", "aovpeihktux", strict=True)),
    }
)
_WRITTEN_OUT = re.compile(r"(?<=[aou])e|a(?=a)")
"""Two-letter spellings of ø, å, ü and others on keyboards without them: Soeren, Aase, Mueller."""


def person_keys(name: str, birth_date: str, address: Mapping[str, str]) -> list[str]:
    """Return the keys of a person, from names, birth date and postal code, in any order, case and spelling; one equal key is enough.

    One key has all names, another only the first and the last, since a middle name is often left out. The street is not used, since it has
    too many spellings. Twins of one household have the same date and place, but different names.
    """
    country, code = address.get("country", ""), address.get("postal_code", "")
    place = _PLACE.get(country)
    found = place.match(code) if place else None
    ways = [_names(_JOINED.sub("", name)), _names(name)]
    forms = [sorted(ways[0]), *(sorted({way[0], way[-1]}) for way in ways if way)]
    return list(dict.fromkeys("|".join([" ".join(form), birth_date, country, found[0] if found else code]) for form in forms))


SHORTEST, LONGEST, MOST_PARTS = 3, 20, 200
"""The shortest and the longest beginning of a name that is stored, in letters, and how many are stored for one person."""


def name_parts(name: str) -> list[str]:
    """Return the beginnings with which a name is found, sorted: of each word, from three letters on, and short words whole.

    Case, accents and the spelling of letters (Søren, Soren, Soeren) make no difference.
    """
    found: set[str] = set()
    for word in _words(name):
        found |= {word[:length] for length in range(SHORTEST, min(len(word), LONGEST) + 1)} or {word}
    return sorted(found)[:MOST_PARTS]


def sought_parts(text: str) -> list[list[str]]:
    """Return, for each word of a search, the name parts that match it; a person is found if every word matches."""
    return [[form[:LONGEST] for form in _spelled(word)] for word in dict.fromkeys(re.findall(r"\w+", _plain(_JOINED.sub("", text))))]


def _words(text: str) -> set[str]:
    """Return the words of a name in all spellings, with hyphens and apostrophes both joined and split."""
    return {form for way in (_JOINED.sub("", text), text) for word in re.findall(r"\w+", _plain(way)) for form in _spelled(word)}


def _spelled(word: str) -> list[str]:
    """Return a word as it is written, and with two-letter spellings such as "oe" reduced to one letter."""
    return list(dict.fromkeys([word, _WRITTEN_OUT.sub("", word)]))


def _plain(text: str) -> str:
    """Return a text in lower case without accents, in the letters used for comparison."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))
    return plain.translate(_LETTERS)


def _names(text: str) -> list[str]:
    """Return the names in a text, in the letters used for comparison."""
    return re.findall(r"\w+", _WRITTEN_OUT.sub("", _plain(text)))
