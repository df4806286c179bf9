"""Facts: what conditions may ask about a case, each with its type, unit and meaning; the app that knows them declares them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.sentences import Text


class FactType(StrEnum):
    """The type of a fact.

    AMOUNT is kept in minor units of the case's currency and compared in whole units (`amount > 499.5`). SHARE is from 0 to 1. MOMENT is
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
"""The types that are compared with numbers that have decimals."""
NUMERIC = DECIMAL | {FactType.WHOLE}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: its name in conditions, its type, its title and meaning for people, its unit, and an example in its own type.

    `choices` are the known values of a text with their titles, where they are few. `forbidden` names the law that forbids its use, by
    market (`{"US": "15 U.S.C. 1691(a)"}`; `*` for everywhere).
    """

    name: str
    type: FactType
    title: Text
    meaning: Text
    example: Any
    unit: Text = ""
    choices: Mapping[str, Text] = field(default_factory=dict)
    forbidden: Mapping[str, str] = field(default_factory=dict)

    def law_against(self, market: str) -> str:
        """Return the law that forbids the use of this fact in a market, or in any where none is named; empty where none does."""
        if not market:
            return next(iter(self.forbidden.values()), "")
        return self.forbidden.get(market) or self.forbidden.get("*", "")


def facts_by_name(facts: Sequence[Fact]) -> dict[str, Fact]:
    """Return facts by their names; ValueError for a name that two have."""
    found = {fact.name: fact for fact in facts}
    if len(found) < len(facts):
        raise ValueError("two facts have one name")
    return found


def share_of(part: int, whole: int) -> float | None:
    """Return which share a part is of a whole, to four decimals; None where there is no whole."""
    return round(part / whole, 4) if whole else None


def value_of(fact: Fact, kept: Any, *, exponent: int) -> Any:
    """Return a kept value as conditions compare it, None where it is not known.

    `exponent` is the number of decimals of the case's currency. A quotient of two integers is rounded correctly, as the decimal number in
    a condition is, so that `amount >= 57.25` holds for exactly 57.25.
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
    """Return whether a value may be kept for a fact; None, which is not known, may."""
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
