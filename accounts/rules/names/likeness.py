"""How like two words are, by the letters that people and transliterations confuse; pure."""

from collections.abc import Iterable
from itertools import permutations

from accounts.rules.names.words import skeleton_of

VOWELS = frozenset("aeiouy")
VOWEL, DOUBLED, SILENT, TURNED, FIRST = 0.7, 0.4, 0.6, 0.9, 1.5
"""What it costs to leave out a vowel, a doubled letter or an h, and to turn two letters; and how much more at the beginning of a word.

Any other letter that is left out, added or replaced costs 1.
"""
_SIMILAR = {
    **{pair: 0.7 for letters in ("ckq", "iyj", "vwu", "sz", "bp", "dt", "gjk", "fv") for pair in permutations(letters, 2)},
    **dict.fromkeys(permutations(sorted(VOWELS), 2), 0.6),
}
SHORTEST = 3
UNVOICED = 0.9
"""How like words are of which one has no vowels, as Arabic and Hebrew are written, and the other the same consonants."""


def likeness(one: str, other: str) -> float:
    """Return how like two words are, from 0 to 1 for equal ones: the cost of the edits that lead from one to the other, by length."""
    if one == other:
        return 1.0
    found = max(0.0, 1 - cost(one, other) / max(len(one), len(other), SHORTEST))
    return max(found, UNVOICED) if found < UNVOICED and _is_unvoiced(one, other) else found


def cost(one: str, other: str) -> float:
    """Return the least cost of the edits that lead from one word to another; 0 for equal ones."""
    before: list[float] = []
    above = _sums(_left_out(other, j) for j in range(len(other)))
    for i, letter in enumerate(one):
        drop = _left_out(one, i)
        row = [above[0] + drop]
        for j, its in enumerate(other):
            replaced = above[j] + (0.0 if letter == its else _SIMILAR.get((letter, its), 1.0) * (1.0 if i or j else FIRST))
            least = min(replaced, above[j + 1] + drop, row[j] + _left_out(other, j))
            if i and j and letter == other[j - 1] and one[i - 1] == its and letter != its:
                least = min(least, before[j - 1] + TURNED)
            row.append(least)
        before, above = above, row
    return above[-1]


def near_keys(word: str) -> set[str]:
    """Return a word's keys: itself and itself without each of its letters. Words one edit apart share a key."""
    if len(word) < SHORTEST:
        return {word}
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def _is_unvoiced(one: str, other: str) -> bool:
    shorter = min(one, other, key=len)
    return len(shorter) >= SHORTEST and VOWELS.isdisjoint(shorter.replace("y", "")) and skeleton_of(one) == skeleton_of(other)


def _left_out(word: str, i: int) -> float:
    letter = word[i]
    if i and word[i - 1] == letter:
        return DOUBLED
    if letter in VOWELS:
        return VOWEL * (1.0 if i else FIRST)
    return (SILENT if letter == "h" else 1.0) * (1.0 if i else FIRST)


def _sums(costs: Iterable[float]) -> list[float]:
    """Return the sums of the first 0, 1, 2, ... costs."""
    sums = [0.0]
    for one in costs:
        sums.append(sums[-1] + one)
    return sums
