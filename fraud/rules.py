"""Pure calculations of signals: the texts under which values are counted, and differences between values."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from fraud.states import ActKind

SPANS = {"10m": 600, "1h": 3_600, "1d": 86_400, "30d": 30 * 86_400}
"""The windows in which attempts are counted, in seconds."""
LONGEST_S = SPANS["30d"]
MOST = 500
"""The most attempts of one value that are counted: this is far beyond every rule, and keeps counting fast."""


ACT_SPANS = ("1h", "1d", "30d")
"""The windows in which acts on accounts are counted, of SPANS."""


class ActPart(StrEnum):
    """What is counted of acts with a value: sign-ins, their devices, networks and people, mistyped codes, added cards and accounts."""

    SIGN_INS = "s"
    DEVICES = "d"
    NETWORKS = "n"
    PEOPLE = "p"
    CODES = "c"
    METHODS = "m"


def parts_of_act(kind: ActKind, *, act: str, person: str, device: str, network: str) -> dict[ActPart, str]:
    """Return what an act adds to the counts of its values: the member of each part; empty members are left out."""
    match kind:
        case ActKind.SIGN_IN:
            found = {ActPart.SIGN_INS: act, ActPart.DEVICES: device, ActPart.NETWORKS: network, ActPart.PEOPLE: person}
        case ActKind.CODE_FAILED:
            found = {ActPart.CODES: act}
        case ActKind.CARD | ActKind.ACCOUNT:
            found = {ActPart.METHODS: act}
        case _:
            found = {}
    return {part: member for part, member in found.items() if member}


@dataclass(frozen=True, slots=True)
class Counts:
    """How often a value was seen, this attempt included: attempts by span, other people within a day and 30 days, cards within a day.

    `acts` counts acts on accounts, by part and span.
    """

    tries: Mapping[str, int]
    people: Mapping[str, int]
    cards: int
    acts: Mapping[ActPart, Mapping[str, int]] = field(default_factory=dict)


@dataclass(slots=True)
class Seen:
    """Attempts and acts of one value: when each checkout, person, card and part of acts was last seen, in seconds since the epoch."""

    subjects: dict[str, float] = field(default_factory=dict)
    people: dict[str, float] = field(default_factory=dict)
    cards: dict[str, float] = field(default_factory=dict)
    acts: dict[ActPart, dict[str, float]] = field(default_factory=dict)

    def add(self, subject: str, person: str, card: str, at_s: float) -> None:
        """Add an attempt."""
        for known, value in ((self.subjects, subject), (self.people, person), (self.cards, card)):
            if value:
                known[value] = max(at_s, known.get(value, at_s))

    def add_act(self, parts: Mapping[ActPart, str], at_s: float) -> None:
        """Add an act, from `parts_of_act`."""
        for part, member in parts.items():
            known = self.acts.setdefault(part, {})
            known[member] = max(at_s, known.get(member, at_s))

    def counts(self, at_s: float) -> Counts:
        """Return the counts within each span before a time, that time included."""

        def within(known: Mapping[str, float], span_s: int) -> int:
            return sum(at_s - span_s < seen <= at_s for seen in known.values())

        return Counts(
            {name: within(self.subjects, span_s) for name, span_s in SPANS.items()},
            {name: within(self.people, SPANS[name]) for name in ("1d", "30d")},
            within(self.cards, SPANS["1d"]),
            {part: {name: within(self.acts.get(part, {}), SPANS[name]) for name in ACT_SPANS} for part in ActPart},
        )


def plain(text: str) -> str:
    """Return a text in lower case, with other characters than letters and digits replaced by single spaces."""
    return " ".join(re.findall(r"\w+", text.lower()))


def home_of(address: Any) -> str:
    """Return the text under which an address is counted: street, postal code and country; empty if street or postal code is missing."""
    if not isinstance(address, Mapping) or not (address.get("line1") and address.get("postal_code")):
        return ""
    parts = (str(address.get(name) or "") for name in ("line1", "line2", "postal_code", "country"))
    return plain(" ".join(parts))


def basket_of(merchant: str, items: Iterable[Mapping[str, Any]]) -> str:
    """Return the text that is equal for identical baskets: shop, goods, pieces and prices; empty for a basket without goods."""
    goods = sorted(f"{plain(item['name'])}|{item['quantity']}|{item['unit_amount']}" for item in items if item["amount"] > 0)
    return "\n".join([merchant, *goods]) if goods else ""


def differ(one: str, other: str) -> bool | None:
    """Return whether two names have no word in common; None if one is unknown."""
    words, others = set(plain(one).split()), set(plain(other).split())
    return not words & others if words and others else None


def ratio(part: float, whole: float | None) -> float | None:
    """Return part / whole to two decimals; None if the whole is 0."""
    return round(part / whole, 2) if whole else None


def zone_gap(one: str, other: str, at: datetime) -> float | None:
    """Return how many hours two time zones differ at a time; None if one is unknown."""
    try:
        gap = at.astimezone(ZoneInfo(one)).utcoffset(), at.astimezone(ZoneInfo(other)).utcoffset()
    except (ValueError, OSError, KeyError):
        return None
    return abs(((gap[0] or timedelta()) - (gap[1] or timedelta())).total_seconds()) / 3_600


def pieces_of(items: Sequence[Mapping[str, Any]], categories: Iterable[str], words: Iterable[str]) -> int | None:
    """Return how many pieces of a basket are easily resold, by their category or a word of their name; None for an unknown basket."""
    bought = [item for item in items if item["amount"] > 0]
    if not bought:
        return None
    kinds, names = set(categories), tuple(f" {plain(word)} " for word in words)
    return sum(int(item["quantity"]) for item in bought if item.get("category") in kinds or _names(item["name"], names))


def _names(name: str, words: Sequence[str]) -> bool:
    text = f" {plain(name)} "
    return any(word in text for word in words)
