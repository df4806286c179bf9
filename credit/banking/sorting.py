"""Movements of bank accounts sorted into categories, by their texts, what the provider says, and who pays whom; pure.

Texts come from outside, partly from the person: only their beginning is read, word by word, in a time that grows with their length.
"""

import re
import unicodedata
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from credit.banking import words
from credit.banking.words import Category

MOST_CHARACTERS = 200
MOST_WORDS = 40
STEM = 3
"""How many letters a word with `*` has at least."""
UNSAID = ("\n",)
PAIR_DAYS = 3
"""How many days may lie between the two sides of a transfer between a person's own accounts."""
WORD = re.compile(r"[^\W\d_]+|\d+")
GAMBLING_CODES = frozenset({"7800", "7801", "7802", "7995"})
"""Merchant category codes (ISO 18245) of lotteries, betting and casinos."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One booked movement: minor units, above zero for money that came in.

    `told` is the category that the provider gives, if it is one of ours, and `merchant_code` that of ISO 18245. `is_bounce`: the provider
    says that it is a fee for a payment without enough money. `text` and `other` (the counterparty's name) are read and never stored.
    """

    account: str
    on: date
    minor: int
    text: str = ""
    other: str = ""
    told: Category | None = None
    merchant_code: str = ""
    is_bounce: bool = False


@dataclass(frozen=True, slots=True)
class Sorted:
    """A movement with its category and its counterparty, by a key that is the same for the same counterparty.

    `by_company` says that an unnamed payment came from a company or a public body, so that it is a salary if it comes regularly.
    `is_bounce` says that it belongs to a debit that the bank returned: the money that came back, or the fee.
    """

    movement: Movement
    category: Category
    key: str
    by_company: bool = False
    is_bounce: bool = False


def sort(movements: Sequence[Movement], *, names: Collection[str] = ()) -> list[Sorted]:
    """Return movements with their categories, in order; `names` are the person's own, to tell transfers between their accounts."""
    inside = _own_pairs(movements)
    own = [set(_words(name)) for name in names if _words(name)]
    found = [_one(one, is_inside=number in inside, own=own) for number, one in enumerate(movements)]
    rounds = _round_trips(found)
    return [Sorted(one.movement, Category.TRANSFER, one.key) if _income(one) and one.key in rounds else one for one in found]


def _one(movement: Movement, *, is_inside: bool, own: Iterable[set[str]]) -> Sorted:
    said, other = _words(movement.text), _words(movement.other)
    key = " ".join(word for word in other or said if not word.isdigit())[:MOST_CHARACTERS]
    if is_inside or any(name <= set(other) for name in own):
        return Sorted(movement, Category.TRANSFER, key)
    every = [*said, "", *other]
    if movement.is_bounce or _has(every, words.RETURNED):
        # What comes back is no income.
        return Sorted(movement, Category.TRANSFER if movement.minor > 0 else Category.LIVING, key, is_bounce=True)
    category = _coming(movement, every) if movement.minor > 0 else _going(movement, every)
    return Sorted(movement, category, key, by_company=category == Category.INCOME and _has(other or said, words.COMPANIES))


def _coming(movement: Movement, every: Sequence[str]) -> Category:
    """Return the category of money that came in: winnings and loans are no income."""
    if _is_gambling(movement, every):
        return Category.GAMBLING
    if movement.told in {Category.SALARY, Category.BENEFITS, Category.LENDERS}:
        return movement.told
    named = (
        (Category.SALARY, words.SALARY), (Category.BENEFITS, words.BENEFITS), (Category.LENDERS, words.LENDERS),
        (Category.TRANSFER, words.TRANSFERS),
    )  # fmt: skip
    found = next((category for category, listed in named if _has(every, listed)), None)
    return found or (Category.TRANSFER if movement.told == Category.TRANSFER else Category.INCOME)


def _going(movement: Movement, every: Sequence[str]) -> Category:
    """Return the category of money that went out; all that has no category of its own is living costs."""
    if _is_gambling(movement, every):
        return Category.GAMBLING
    if movement.told in {Category.HOUSING, Category.LENDERS}:
        return movement.told
    named = ((Category.HOUSING, words.HOUSING), (Category.LENDERS, words.LENDERS), (Category.TRANSFER, words.TRANSFERS))
    found = next((category for category, listed in named if _has(every, listed)), None)
    return found or (Category.TRANSFER if movement.told == Category.TRANSFER else Category.LIVING)


def _is_gambling(movement: Movement, every: Sequence[str]) -> bool:
    return movement.told == Category.GAMBLING or movement.merchant_code in GAMBLING_CODES or _has(every, words.GAMBLING)


def _income(one: Sorted) -> bool:
    return one.category in {Category.SALARY, Category.INCOME}


def _own_pairs(movements: Sequence[Movement]) -> set[int]:
    """Return the numbers of movements that are both sides of a transfer: the same amount left another account within some days."""
    waiting: dict[int, dict[str, deque[int]]] = defaultdict(dict)
    inside: set[int] = set()
    for number in sorted(range(len(movements)), key=lambda number: movements[number].on):
        one = movements[number]
        match = _other_side(waiting[-one.minor], one, movements)
        if match is None:
            waiting[one.minor].setdefault(one.account, deque()).append(number)
        else:
            inside |= {match, number}
    return inside


def _other_side(sides: dict[str, deque[int]], one: Movement, movements: Sequence[Movement]) -> int | None:
    """Take the oldest open side at another account; sides that are too old are dropped on the way, so that each is met once."""
    while (account := next((name for name in sides if name != one.account), None)) is not None:
        numbers = sides[account]
        while numbers and (one.on - movements[numbers[0]].on).days > PAIR_DAYS:
            numbers.popleft()
        found = numbers.popleft() if numbers else None
        if not numbers:
            del sides[account]
        if found is not None:
            return found
    return None


def _round_trips(found: Iterable[Sorted]) -> set[str]:
    """Return the counterparties that got back at least half of what they sent as income: money that goes in a circle."""
    came: dict[str, int] = defaultdict(int)
    went: dict[str, int] = defaultdict(int)
    for one in found:
        if one.key and _income(one):
            came[one.key] += one.movement.minor
        elif one.key and one.movement.minor < 0:
            went[one.key] -= one.movement.minor
    return {key for key, minor in came.items() if 2 * went[key] >= minor}


def _words(text: str) -> list[str]:
    """Return the first words of a text in small letters; characters that cannot be seen part no word."""
    plain = unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).casefold()
    seen = "".join(one for one in plain if unicodedata.category(one) != "Cf")
    return WORD.findall(unicodedata.normalize("NFC", seen)[:MOST_CHARACTERS])[:MOST_WORDS]


def _has(said: Sequence[str], listed: str) -> bool:
    """Return whether a list has a word or phrase that was said."""
    phrases, begun = _compiled(listed)
    for first, word in enumerate(said):
        if any(tuple(said[first : first + len(phrase)]) == phrase for phrase in phrases.get(word, ())):
            return True
        if word.startswith(begun.get(word[:STEM], UNSAID)):
            return True
    return False


@cache
def _compiled(listed: str) -> tuple[dict[str, tuple[tuple[str, ...], ...]], dict[str, tuple[str, ...]]]:
    """Return the phrases of a list by their first word, and the beginnings of words by their first letters."""
    phrases: dict[str, tuple[tuple[str, ...], ...]] = {}
    begun: dict[str, tuple[str, ...]] = {}
    for entry in listed.split(","):
        phrase = tuple(WORD.findall(entry.casefold()))
        if entry.strip().endswith("*"):
            begun[phrase[0][:STEM]] = (*begun.get(phrase[0][:STEM], ()), phrase[0])
        else:
            phrases[phrase[0]] = (*phrases.get(phrase[0], ()), phrase)
    return phrases, begun
