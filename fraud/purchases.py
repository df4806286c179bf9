"""An attempt to buy, as described by the apps above, and its device."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.models import Consumer

MAX_TOLD = 4_000
"""The longest description of a browser by itself, in characters."""
_PRINTED = ("screen", "zone", "languages", "fonts")


@dataclass(frozen=True, slots=True)
class Device:
    """A browser: its stored id, its fingerprint (what any page can see, no canvas), and how the forms were filled in.

    Empty texts and None mean unknown. A browser without JavaScript tells nothing, which does not count against it. `asked`: the form asked
    the browser, so that one that says nothing is silent.
    """

    id: str = ""
    print: str = ""
    zone: str = ""
    pasted_name: bool | None = None
    fill_s: float | None = None
    asked: bool = True


NO_DEVICE = Device()
UNASKED = Device(asked=False)
"""The device where no form asked for it."""


def read_device(told: str, user_agent: str) -> Device:
    """Parse a browser's description (the JSON of `static/js/device.js`); NO_DEVICE for anything malformed."""
    try:
        found = json.loads(told) if 0 < len(told) <= MAX_TOLD else None
    except ValueError:
        return NO_DEVICE
    if not isinstance(found, dict):
        return NO_DEVICE
    seen = {name: found.get(name) for name in _PRINTED}
    printed = json.dumps([user_agent, seen], sort_keys=True) if any(seen.values()) else ""
    return Device(_text(found, "id", 64), printed, _text(found, "zone", 64), _yes(found, "pasted"), _seconds(found, "fill_s"))


def _text(found: Mapping[str, Any], name: str, most: int) -> str:
    value = found.get(name)
    return value[:most] if isinstance(value, str) else ""


def _yes(found: Mapping[str, Any], name: str) -> bool | None:
    value = found.get(name)
    return value if isinstance(value, bool) else None


def _seconds(found: Mapping[str, Any], name: str) -> float | None:
    value = found.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 86_400:
        return None
    return round(float(value), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """An attempt to buy: person, basket, shop, device, network and card; amounts in minor units of `currency`.

    `subject` is the checkout's public id. `card` is the keyed hash of the card's number, the same whoever adds it. `told` is what the shop
    says about its customer. `declined` counts cards that were declined to this person or device within a day.
    """

    subject: str
    consumer: Consumer
    merchant: str
    amount_minor: int
    currency: str
    items: Sequence[Mapping[str, Any]] = ()
    told: Mapping[str, Any] = field(default_factory=dict)
    limit_minor: int | None = None
    thin_file: bool | None = None
    card: str = ""
    card_since: datetime | None = None
    declined: int | None = None
    device: Device = NO_DEVICE
    network: str = ""
