"""Many listed names, found by a name that is like them; pure.

Words are looked up by keys that words one edit apart, or of one sound, share. Only names with a word like one of the name's rarest
words are compared: without these, the others could not reach the threshold.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from accounts.rules.names.likeness import likeness, near_keys
from accounts.rules.names.listed import COMMON, Frequencies, Listed, Years
from accounts.rules.names.words import skeleton_of, words_of

THRESHOLD = 0.79
"""From which likeness a name is a hit; measured in `docs/concepts/screening.md`."""
LEAST_WORD, LEAST_JOINED, JOINED = 0.6, 0.85, 0.02
"""From which likeness words are paired, and two words with one (Abdul Aziz, Abdulaziz), which costs a little."""
SHORTEST_JOINED, SHORTEST_SKELETON, SERVANT = 5, 2, "abd"
ASIDE, INITIAL, SPARE_INITIAL, BY_INITIAL = 0.6, 0.3, 0.1, 0.8
"""How much a middle word counts that the list does not have; an initial for the word it stands for; an initial of nothing. And how like an
initial and its word are."""
OTHER_BIRTH, YEARS_APART = 0.8, 2
"""What the likeness is multiplied with if a person was born in another year than the list says, more than so many years apart."""
MOST_REMEMBERED = 200_000
Edge = tuple[float, int, int]
"""How like words are, and which words of the name and of the listed one they are, as bits."""


@dataclass(frozen=True, slots=True)
class Found:
    """An entry of a list, the likeness from 0 to 1, and the number of the name that is most like."""

    key: str
    score: float
    number: int


class Index:
    """Listed names; `among` are the frequencies of the whole list, if these are a part of it."""

    def __init__(self, names: Iterable[Listed], among: Frequencies | None = None) -> None:
        self.names = [name for name in names if name.words]
        self._among = among or Frequencies(self.names)
        self._weights = [tuple(self._among.weigh(word) for word in name.words) for name in self.names]
        self._units: list[str] = []
        self._heaviest: list[float] = []
        self._holders: list[list[int]] = []
        self._parts: list[tuple[tuple[int, int], ...]] = []
        self._by_key: dict[str, list[int]] = {}
        self._by_sound: dict[str, list[int]] = {}
        self._like: dict[str, dict[int, float]] = {}
        self._fill()

    def _fill(self) -> None:
        numbers: dict[tuple[str, bool], int] = {}
        for name, listed in enumerate(self.names):
            parts = []
            for word, mask in _units_of(listed.words):
                joined = mask & (mask - 1) != 0
                number = numbers.setdefault((word, joined), len(self._units))
                if number == len(self._units):
                    self._add_unit(word, number)
                weight = _weight(self._weights[name], mask)
                self._heaviest[number] = max(self._heaviest[number], weight)
                self._holders[number].append(name)
                parts.append((number, mask))
            self._parts.append(tuple(parts))
        self._is_joined = [joined for _word, joined in numbers]

    def _add_unit(self, word: str, number: int) -> None:
        self._units.append(word)
        self._heaviest.append(0.0)
        self._holders.append([])
        for key in near_keys(word):
            self._by_key.setdefault(key, []).append(number)
        sound = skeleton_of(word)
        if len(sound) >= SHORTEST_SKELETON:
            self._by_sound.setdefault(sound, []).append(number)

    def find(self, name: str, *, born: int | None = None, least: float = THRESHOLD) -> list[Found]:
        """Return the entries whose likeness to a name is at least so much, the best first; `born` is the year of birth, if known."""
        words = words_of(name)
        weights = [self._among.weigh(word) for word in words]
        units = [(self._likes(word, mask), mask) for word, mask in _units_of(words)]
        best: dict[str, Found] = {}
        for number in self._candidates(units, weights, least):
            listed = self.names[number]
            score = self._score(number, units, words, weights) * _by_birth(born, listed.born)
            if score >= least and (listed.key not in best or best[listed.key].score < score):
                best[listed.key] = Found(listed.key, score, number)
        return sorted(best.values(), key=lambda one: (-one.score, one.key))

    def _likes(self, word: str, mask: int) -> dict[int, float]:
        """Return the listed words that are like a word of a name, or like two that are read together."""
        found = self._like.get(word)
        if found is None:
            if len(self._like) >= MOST_REMEMBERED:
                self._like.clear()
            found = self._like[word] = dict(self._compared(word))
        if mask & (mask - 1) == 0:
            return found
        return {number: score - JOINED for number, score in found.items() if score >= LEAST_JOINED and not self._is_joined[number]}

    def _compared(self, word: str) -> Iterator[tuple[int, float]]:
        near = {number for key in near_keys(word) for number in self._by_key.get(key, ())}
        sound = skeleton_of(word)
        if len(sound) >= SHORTEST_SKELETON:
            near.update(self._by_sound.get(sound, ()))
        for number in near:
            score = likeness(word, self._units[number])
            if self._is_joined[number]:
                if score >= LEAST_JOINED:
                    yield number, score - JOINED
            elif score >= LEAST_WORD:
                yield number, score

    def _candidates(self, units: Sequence[tuple[dict[int, float], int]], weights: Sequence[float], least: float) -> set[int]:
        """Return the names that can reach the likeness: those with one of the rarest words, or with two that are read together."""
        holders, heaviest, is_joined = self._holders, self._heaviest, self._is_joined
        found: set[int] = set()
        single: list[tuple[int, float, float, dict[int, float], int]] = []
        rest = 0.0
        for likes, mask in units:
            joined = mask & (mask - 1) != 0
            for number in likes:
                if joined or is_joined[number]:
                    found.update(holders[number])
            if not joined:
                most = max((heaviest[number] for number in likes), default=0.0)
                single.append((sum(len(holders[number]) for number in likes), most, weights[len(single)], likes, len(single)))
                rest += most
        lacking = 0.0
        for _count, most, weight, likes, place in sorted(single, key=lambda one: one[0]):
            if rest <= 0 or rest / (rest + lacking) < least:
                break
            for number in likes:
                found.update(holders[number])
            rest -= most
            lacking += weight * (ASIDE if 0 < place < len(single) - 1 else 1.0)
        return found

    def _score(self, number: int, units: Sequence[tuple[dict[int, float], int]], words: Sequence[str], weights: Sequence[float]) -> float:
        """Return the likeness of a name and a listed one: the weight of the words that agree, in that of all words of both."""
        listed, its = self.names[number], self._weights[number]
        edges = [(likes[part], mine, theirs) for likes, mine in units for part, theirs in self._parts[number] if part in likes]
        # Words that say little are paired last, so that no article takes the place of Abd al Aziz.
        edges.sort(key=lambda edge: ((weight := _weight(its, edge[2])) < COMMON, -edge[0], -weight))
        used = taken = 0
        agreed = total = 0.0
        for score, mine, theirs in edges:
            if mine & used or theirs & taken:
                continue
            used, taken = used | mine, taken | theirs
            weight = _weight(its, theirs)
            agreed, total = agreed + weight * score, total + weight
        used, taken, weight = _by_initials(words, listed.words, its, used, taken)
        agreed, total = agreed + weight * BY_INITIAL, total + weight
        for place, word in enumerate(words):
            if not used >> place & 1:
                aside = ASIDE if 0 < place < len(words) - 1 else 1.0
                total += SPARE_INITIAL if len(word) == 1 else weights[place] * aside
        total += sum(weight * absent for i, (weight, absent) in enumerate(zip(its, listed.absent, strict=True)) if not taken >> i & 1)
        return agreed / total if total else 0.0


def _units_of(words: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield the words of a name and each two that follow one another, and Abd al Aziz as one, with their places as bits."""
    for i, word in enumerate(words):
        yield word, 1 << i
    for i in range(len(words) - 1):
        joined = words[i] + words[i + 1]
        if len(joined) >= SHORTEST_JOINED:
            yield joined, 3 << i
        if words[i] == SERVANT and i + 2 < len(words):
            yield joined + words[i + 2], 7 << i


def _weight(weights: Sequence[float], mask: int) -> float:
    last = mask.bit_length() - 1
    if mask & (mask - 1) == 0:
        return weights[last]
    return sum(weights[place] for place in range(max(0, last - 2), last + 1) if mask >> place & 1)


def _by_initials(words: Sequence[str], others: Sequence[str], its: Sequence[float], used: int, taken: int) -> tuple[int, int, float]:
    """Pair initials with words that begin so; return which words are paired then, and the weight of these pairs."""
    weight = 0.0
    for i, word in enumerate(words):
        for j, other in enumerate(others):
            if used >> i & 1 or taken >> j & 1 or word[0] != other[0] or (len(word) > 1 and len(other) > 1):
                continue
            used, taken, weight = used | 1 << i, taken | 1 << j, weight + its[j] * INITIAL
    return used, taken, weight


def _by_birth(born: int | None, listed: Sequence[Years]) -> float:
    if born is None or not listed or any(first - YEARS_APART <= born <= last + YEARS_APART for first, last in listed):
        return 1.0
    return OTHER_BIRTH
