"""Whose account it is: whether one of the names that a bank gives an account can be the person's own; pure.

Banks write names in capitals, with the surname first, without accents, with initials and titles, and two holders on one line. A name counts
as the person's if their surname stands in it and one of their first names does, or its initial where nothing there says another first name.
"""

import re
import unicodedata
from collections.abc import Iterable

_TITLES = frozenset(
    {"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "hr", "fr", "herr", "frau", "fru", "froken", "jr", "sr", "ii", "iii"}
)
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_BETWEEN = re.compile(r"\s*(?:[&/;+]|,(?=.*,)|\b(?:and|og|och|und|or|eller|oder)\b)\s*", re.IGNORECASE)
_NO_LETTER = re.compile(r"[^a-z]+")
LONGEST = 200
"""So much of a name is read."""


def parts_of(name: str, *, spelled: bool = False) -> list[str]:
    """Return the words of a name in small letters without accents and titles; `spelled`: with ae for ä and so on, as some banks do."""
    small = unicodedata.normalize("NFC", name[:LONGEST]).casefold()
    plain = unicodedata.normalize("NFKD", (small.translate(_SPELLED) if spelled else small).translate(_LETTERS))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign)).replace("'", "").replace("’", "")
    return [word for word in _NO_LETTER.split(plain) if word and word not in _TITLES]


def is_same_person(mine: str, holders: Iterable[str]) -> bool:
    """Return whether one of the holders' names can be the person's; False without a name of theirs, or without holders."""
    named = [name for told in holders for name in _BETWEEN.split(told[:LONGEST])]
    return any(_fits(parts_of(mine, spelled=how), parts_of(name, spelled=how)) for how in (False, True) for name in named)


def _fits(own: list[str], held: list[str]) -> bool:
    if len(own) < 2 or len(held) < 2:
        return bool(own) and own == held
    surnames = [word for word in own[1:] if len(word) > 1 and word in held]
    if not surnames:
        return False
    rest = list(held)
    for word in surnames:
        rest.remove(word)
    first = [word for word in own if word not in surnames]
    return any(word in first for word in rest) or (bool(rest) and all(any(_is(word, mine) for mine in first) for word in rest))


def _is(word: str, mine: str) -> bool:
    return word == mine or (min(len(word), len(mine)) == 1 and word[0] == mine[0])
