"""The values under which an attempt to buy is counted, and its signals."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import Consumer
from controls.rules.facts import share_of
from core.crypto import lookup_hash
from core.unreadable import Unreadable
from fraud import rules
from fraud.acts.facts import COUNTED_ACTS
from fraud.counters import kind_of
from fraud.facts import CARDED, COUNTED, SHARED
from fraud.hashing import hash_of
from fraud.known import DISPOSABLE, RESOLD_CATEGORIES, RESOLD_WORDS
from fraud.lists.values import COLUMNS
from fraud.network import Standing
from fraud.networks import Whereabouts, whereabouts_of
from fraud.purchases import Device, Purchase
from fraud.queries import Before, find_mismatches, find_moves


def contacts_of(consumer: Consumer) -> dict[str, str]:
    """Return the keyed hashes of a person, their contacts and address, by column of a sighting; empty for unknown values."""
    return {key: hash_of(key, text) for key, text in _contacts(consumer).items()}


def _contacts(consumer: Consumer) -> dict[str, str]:
    return {
        "person_key": str(consumer.holder_id),
        "email": consumer.email_hash or "",
        "phone": consumer.phone_hash or _readable(consumer.phone),
        "address": rules.home_of(consumer.address),
    }


def print_of(consumer: Consumer, device: Device) -> str:
    """Return the keyed hash of a browser's fingerprint at a person's address; empty if either is unknown."""
    home = rules.home_of(consumer.address)
    return hash_of("browser", f"{device.print}|{home}") if device.print and home else ""


def hashes_of(purchase: Purchase) -> dict[str, str]:
    """Return the keyed hashes under which an attempt is counted, by column of a sighting; empty for unknown values."""
    consumer, device = purchase.consumer, purchase.device
    contacts, basket = _contacts(consumer), rules.basket_of(purchase.merchant, purchase.items)
    person, home = contacts["person_key"], contacts["address"]
    named = _readable(consumer.name) and _readable(consumer.birth_date)
    texts = contacts | {
        "name": f"{rules.plain(consumer.name)}|{consumer.birth_date}" if named else "",
        "device": device.id,
        "network": whereabouts_of(purchase.network).counted,
        "same": f"{person}|{basket}" if basket else "",
        "twin": f"{home}|{basket}" if basket and home else "",
    }
    found = {key: hash_of(key, text) for key, text in texts.items()}
    return found | {"browser": print_of(consumer, device), "card": purchase.card}


def listed_under(purchase: Purchase, values: Mapping[str, str]) -> list[str]:
    """Return the keyed hashes under which values of an attempt may be on a list; ranges of addresses are compared separately.

    Includes unconfirmed contacts, and the parent domains of an e-mail domain.
    """
    email, phone = _readable(purchase.consumer.email), _readable(purchase.consumer.phone)
    contacts = {"email": [lookup_hash(email)] if email else [], "phone": [phone, lookup_hash(phone)] if phone else []}
    parts = _domain(purchase.consumer).split(".")
    texts = contacts | {"domain": [".".join(parts[first:]) for first in range(len(parts) - 1)]}
    seen = [values[column] for column in COLUMNS.values() if values[column]]
    return [*seen, *(hash_of(kind, text) for kind, found in texts.items() for text in found)]


def _readable(value: Any) -> str:
    return "" if isinstance(value, Unreadable) or not value else str(value)


def _counted(counts: Mapping[str, rules.Counts]) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, one in counts.items():
        kind = kind_of(key)
        if kind in COUNTED:
            found |= {f"{kind}_{span}": count for span, count in one.tries.items()}
        if kind in SHARED:
            found |= {f"{kind}_people_{span}": count for span, count in one.people.items()}
        if kind in CARDED:
            found[f"{kind}_cards_1d"] = one.cards
    for name, (key, part, span) in COUNTED_ACTS.items():
        if key in counts:
            found[name] = counts[key].acts[part][span]
    return found


_MEETABLE = ("name", "phone", "email", "address", "card", "device")


def _unmet(counts: Mapping[str, rules.Counts]) -> dict[str, int]:
    return {"unmet": sum(counts[key].tries["30d"] == 1 for key in _MEETABLE if key in counts)}


def signals_of(purchase: Purchase, counts: Mapping[str, rules.Counts], before: Before, standing: Standing, at: datetime) -> dict[str, Any]:
    """Return all signals of an attempt by name; None for unknown ones. Two queries."""
    ring = {"ring_people": standing.people, "fraud_steps": standing.steps}
    return _signals(purchase, before, at) | _counted(counts) | _unmet(counts) | ring


def _signals(purchase: Purchase, before: Before, at: datetime) -> dict[str, Any]:
    consumer, device = purchase.consumer, purchase.device
    moved, contacted = find_moves(consumer, at)
    where = whereabouts_of(purchase.network)
    return {
        **_basket(purchase, before),
        **_told(purchase),
        "listed": before.listed,
        "account_days": (at - consumer.created_at).days,
        "bought_before": before.bought,
        "address_days": moved,
        "contact_days": contacted,
        "disposable": _domain(consumer) in DISPOSABLE if consumer.email_hash else None,
        "mismatches": find_mismatches(consumer),
        "thin_file": purchase.thin_file,
        "proved": before.proved,
        "card_proved": before.card_proved,
        "card_days": _days(purchase.card_since, at),
        "declined_1d": purchase.declined,
        **_device(purchase, before, at),
        **_where(where, consumer),
        "zone_gap": rules.zone_gap(device.zone, consumer.time_zone, at) if device.zone else None,
        "pasted_name": device.pasted_name,
        "fill_s": device.fill_s,
    }


def _basket(purchase: Purchase, before: Before) -> dict[str, Any]:
    bought = [item for item in purchase.items if item["amount"] > 0]
    return {
        "amount": purchase.amount_minor,
        "limit_share": share_of(purchase.amount_minor, purchase.limit_minor) if purchase.limit_minor else None,
        "times_usual": rules.ratio(purchase.amount_minor, before.usual_minor),
        "times_shop": rules.ratio(purchase.amount_minor, before.shop_minor),
        "resold_pieces": rules.pieces_of(purchase.items, RESOLD_CATEGORIES, RESOLD_WORDS),
        "pieces": sum(item["quantity"] for item in bought) if bought else None,
        "categories": sorted({str(item["category"]) for item in bought if item.get("category")}),
        "shop": purchase.merchant,
    }


def _told(purchase: Purchase) -> dict[str, Any]:
    """Return the differences between the shop's data about its customer and the person's own data."""
    told = purchase.told.get("address")
    home = purchase.consumer.address
    codes = [rules.plain(str(one.get("postal_code") or "")) for one in (told, home) if isinstance(one, Mapping)]
    return {
        "name_differs": rules.differ(str(purchase.told.get("name") or ""), _readable(purchase.consumer.name)),
        "address_differs": codes[0] != codes[1] if len(codes) == 2 and all(codes) else None,
    }


def _domain(consumer: Consumer) -> str:
    return _readable(consumer.email).rpartition("@")[2].lower()


def _device(purchase: Purchase, before: Before, at: datetime) -> dict[str, Any]:
    """Return since when the person has the device, and what happened on the account since somebody signed in from a new one."""
    age, told = before.device, bool(purchase.device.id or purchase.device.print)
    kind, gap = before.last_sign_in or (None, None)
    return {
        "new_device": age.is_new(told=told, at=at),
        "device_days": ((at - age.first_at).days if age.first_at else 0) if told else None,
        "device_silent": not told if age.any_at and purchase.device.asked else None,
        "new_signin_days": _days(before.signed_in_new_at, at),
        "changed_new_days": _days(before.changed_new_at, at),
        "added_new_days": _days(before.added_new_at, at),
        "signin_network_kind": kind or None,
        "signin_zone_gap": int(gap) / 60 if gap else None,
    }


def _days(since: datetime | None, at: datetime) -> int | None:
    return (at - since).days if since else None


def _where(where: Whereabouts, consumer: Consumer) -> dict[str, Any]:
    home = consumer.address if isinstance(consumer.address, Mapping) else {}
    country = str(home.get("country") or "")
    return {
        "network_kind": where.kind or None,
        "network_abroad": where.country != country if where.country and country else None,
        "network_km": where.km_from(country, str(home.get("region") or "")),
    }
