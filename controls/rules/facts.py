"""Facts: the inputs of conditions, each with its type, unit and meaning, declared by the app that knows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.sentences import Text


class FactType(StrEnum):
    """The type of a fact.

    AMOUNT is stored in minor units of the case's currency and compared in whole units (`amount > 499.5`). SHARE is from 0 to 1. MOMENT is
    an aware `datetime`.
    """

    AMOUNT = "amount"
    NUMBER = "number"
    SHARE = "share"
    WHOLE = "whole"
    TEXT = "text"
    YES = "yes"
    TEXTS = "texts"
    MOMENT = "moment"


DECIMAL = frozenset({FactType.AMOUNT, FactType.NUMBER, FactType.SHARE})
"""The types that are compared with decimal numbers."""
NUMERIC = DECIMAL | {FactType.WHOLE}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its plural as text, or counted. `counted` is a lazy translation with both forms (`ngettext_lazy`), without a placeholder."""

    counted: Any

    def __str__(self) -> str:
        """Return the plural."""
        return str(self.counted % 2)

    def of(self, number: float) -> str:
        """Return the form that goes with a number."""
        return str(self.counted % (1 if number == 1 else 2))


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: its name in conditions, its type, its title and meaning for people, its unit, and an example in its own type.

    `choices` are the known values of a text with their titles, if there are few. `forbidden` names the law that forbids its use, by market
    (`{"US": "15 U.S.C. 1691(a)"}`; `*` for everywhere).
    """

    name: str
    type: FactType
    title: Text
    meaning: Text
    example: Any
    unit: Text | Unit = ""
    choices: Mapping[str, Text] = field(default_factory=dict)
    forbidden: Mapping[str, str] = field(default_factory=dict)

    def unit_of(self, number: float) -> str:
        """Return the unit in the form that goes with a number."""
        return self.unit.of(number) if isinstance(self.unit, Unit) else str(self.unit)

    def law_against(self, market: str) -> str:
        """Return the law that forbids the use of this fact in a market (in any market, if none is given); empty if none does."""
        if not market:
            return next(iter(self.forbidden.values()), "")
        return self.forbidden.get(market) or self.forbidden.get("*", "")


def facts_by_name(facts: Sequence[Fact]) -> dict[str, Fact]:
    """Return facts by name; ValueError for a duplicate name."""
    found = {fact.name: fact for fact in facts}
    if len(found) < len(facts):
        raise ValueError("two facts have one name")
    return found


def share_of(part: int, whole: int) -> float | None:
    """Return part / whole to four decimals; None if the whole is 0."""
    return round(part / whole, 4) if whole else None


def value_of(fact: Fact, kept: Any, *, exponent: int) -> Any:
    """Convert a stored value to the value that conditions compare; None if it is unknown.

    `exponent` is the number of decimals of the case's currency. The quotient of two integers is rounded to the same float as a decimal
    number in a condition, so that `amount >= 57.25` holds for exactly 57.25.
    """
    if kept is None:
        return None
    match fact.type:
        case FactType.AMOUNT:
            return kept / 10**exponent
        case FactType.NUMBER | FactType.SHARE:
            return float(kept)
        case FactType.MOMENT:
            return datetime.fromisoformat(kept) if isinstance(kept, str) else kept
        case _:
            return kept


_KEPT: dict[FactType, type | tuple[type, ...]] = {
    FactType.AMOUNT: int,
    FactType.WHOLE: int,
    FactType.NUMBER: (int, float),
    FactType.SHARE: (int, float),
    FactType.TEXT: str,
    FactType.YES: bool,
    FactType.TEXTS: (list, tuple),
    FactType.MOMENT: (str, datetime),
}


def is_of_type(fact: Fact, kept: Any) -> bool:
    """Return whether a value may be stored for a fact; None (unknown) may."""
    if kept is None:
        return True
    if not isinstance(kept, _KEPT[fact.type]) or (isinstance(kept, bool) and fact.type != FactType.YES):
        return False
    if fact.type == FactType.TEXTS:
        texts: Any = kept
        return all(isinstance(one, str) for one in texts)
    return fact.type != FactType.MOMENT or _is_moment(kept)


def _is_moment(kept: Any) -> bool:
    try:
        moment = datetime.fromisoformat(kept) if isinstance(kept, str) else kept
    except ValueError:
        return False
    return moment.tzinfo is not None
