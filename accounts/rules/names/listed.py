"""A name on a list, as it is compared: its words, and how much each of them counts where somebody leaves it out; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

from accounts.rules.names.words import says, words_of

MIDDLE, ANY_OTHER = 0.06, 0.8
"""How much a listed word counts, beside one that is given, where it is left out: middle names hardly, first names and surnames much."""
Years = tuple[int, int]
"""The first and the last year in which somebody may be born."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One name of an entry: the entry's key, the words, how much each counts if it is left out, and the years of birth, if known."""

    key: str
    words: tuple[str, ...]
    absent: tuple[float, ...]
    born: tuple[Years, ...] = ()


def person(key: str, given: str, surname: str, born: Iterable[Years] = ()) -> Listed:
    """Return the name of a person whose surname is known: of the given names, the first counts."""
    first = words_of(given)
    return _listed(key, first, words_of(surname), born)


def whole_person(key: str, name: str, born: Iterable[Years] = ()) -> Listed:
    """Return the name of a person in speaking order, where nothing says which part is the surname: the first and the last word count."""
    words = words_of(name)
    return _listed(key, words[:-1], words[-1:], born)


def organisation(key: str, name: str) -> Listed:
    """Return the name of an organisation: each word counts."""
    return _listed(key, [], words_of(name), ())


def from_row(key: str, kind: str, name: str, born: Iterable[Years] = ()) -> Listed:
    """Return a name as lists of the United States write it: `SURNAME, Given` for individuals."""
    if kind != "individual":
        return organisation(key, name)
    surname, comma, given = name.partition(",")
    return person(key, given, surname, born) if comma else whole_person(key, name, born)


def _listed(key: str, given: Sequence[str], surname: Sequence[str], born: Iterable[Years]) -> Listed:
    absent = [ANY_OTHER if i == 0 else MIDDLE for i in range(len(given))] + [ANY_OTHER] * len(surname)
    return Listed(key, (*given, *surname), tuple(absent), tuple(born))


class Frequencies:
    """In how many names of a whole list each word occurs: a rare word says more than one that many people are called."""

    def __init__(self, names: Iterable[Listed]) -> None:
        self.total = 0
        self._counts: dict[str, int] = {}
        for name in names:
            self.total += 1
            for word in set(name.words):
                self._counts[word] = self._counts.get(word, 0) + 1

    def weigh(self, word: str) -> float:
        """Return how much a word counts, from 0 to 1; most for one that no listed name has."""
        return says(word) * _rarity(self._counts.get(word, 0), self.total)


LEAST_TOTAL, COMMON, FADES = 1_000, 0.3, 0.7


def _rarity(count: int, total: int) -> float:
    return max(COMMON, 1 - FADES * log(max(count, 1)) / log(max(total, LEAST_TOTAL)))
