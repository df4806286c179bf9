"""Conversion of facts' values between what people type and what conditions and cases store."""

from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal

from controls.rules.choices import BARE, MANY, Operator
from controls.rules.facts import NUMERIC, Fact, FactType
from core.amounts import read_number
from core.formats import parse_locale
from core.moments import desk_locale

DECIMALS = {FactType.AMOUNT: 2, FactType.NUMBER: 4, FactType.SHARE: 2, FactType.WHOLE: 0}
"""The most decimals that people may type; a share is typed in percent."""
LONGEST = 200


def read_value(text: str, fact: Fact, operator: Operator | None = None) -> Any:
    """Parse typed text into the value that a condition compares with a fact: amounts in whole units, shares from 0 to 1.

    Operators that take many values get a list of texts, those that take none get None. ValueError for text that does not fit.
    """
    text = text.strip()[:LONGEST]
    if operator in BARE:
        return None
    if operator in MANY:
        found = [one.strip() for one in text.split(",") if one.strip()]
        if not found:
            raise ValueError("empty")
        return found
    if fact.type in NUMERIC:
        return _number(text, fact)
    if not text:
        raise ValueError("empty")
    return text


def _number(text: str, fact: Fact) -> int | float:
    decimals = DECIMALS[fact.type]
    bare = text.removeprefix("-").removeprefix("−")
    sign = -1 if bare != text else 1
    units = sign * read_number(bare, decimals, desk_locale())
    if fact.type == FactType.WHOLE:
        return units
    return float(Decimal(units).scaleb(-decimals - (2 if fact.type == FactType.SHARE else 0)))


def write_value(value: Any, fact: Fact) -> str:
    """Format a value of a condition as the reader would type it."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, int | float):
        number = Decimal(str(value)) * (100 if fact.type == FactType.SHARE else 1)
        return str(format_decimal(number.normalize() + 0, format="0.####", locale=parse_locale(desk_locale())))
    return str(value)


def keep_value(text: str, fact: Fact, exponent: int) -> Any:
    """Parse typed text into the value that a case stores: amounts in minor units, a boolean, or a list of texts; ValueError."""
    text = text.strip()[:LONGEST]
    if fact.type == FactType.YES:
        if text not in ("yes", "no"):
            raise ValueError("neither")
        return text == "yes"
    if fact.type == FactType.TEXTS:
        return [one.strip() for one in text.split(",") if one.strip()]
    found = read_value(text, fact)
    return round(found * 10**exponent) if fact.type == FactType.AMOUNT else found


def write_kept(value: Any, fact: Fact, exponent: int) -> str:
    """Format a stored value of a case as the reader would type it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if fact.type == FactType.AMOUNT and isinstance(value, int):
        return write_value(float(Decimal(value).scaleb(-exponent)), fact)
    return write_value(value, fact)
