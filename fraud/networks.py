"""What is known about an internet address: whether it is counted at all, its owner, and its place.

Loopback, private and reserved addresses are not counted or compared: tests, demos and local proxies have them, and a whole company may
share one.

Owners come from a small built-in table (`fraud/data/networks.csv`: large blocks published by hosting companies and relays), and from the
operator's own table (`BNPL_NETWORKS_CSV`), whose rows take precedence. Places are read from a file in MaxMind's format, if the operator
names one (`BNPL_GEOIP_MMDB`); without it there are no signals about places.
"""

import csv
import ipaddress
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings

from core.network import requester_of
from fraud.mmdb import Places
from fraud.places import distance_km, middle_of

OURS = Path(__file__).parent / "data" / "networks.csv"
log = logging.getLogger("bnpl.fraud")
Table = dict[tuple[int, int], dict[int, str]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
T = TypeVar("T")
KINDS = ("home", "hosting", "relay")


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """An address: the text under which it is counted, the kind of its network, its country and place; empty for unknown values."""

    counted: str = ""
    kind: str = ""
    country: str = ""
    place: tuple[float, float] | None = None

    def km_from(self, country: str, region: str) -> float | None:
        """Return the distance in kilometers from the middle of a region; None if either place is unknown."""
        there = middle_of(country, region)
        return distance_km(self.place, there) if self.place and there else None


NOWHERE = Whereabouts()


def public_address(address: str) -> Address | None:
    """Parse a public internet address; None for non-public addresses and malformed text."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    inner = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    found = inner or found
    return found if found.is_global and not found.is_multicast else None


@lru_cache(maxsize=4_096)
def whereabouts_of(address: str) -> Whereabouts:
    """Return what is known about an internet address; NOWHERE if it is not public."""
    found = public_address(address)
    if found is None:
        return NOWHERE
    places = _places(settings.GEOIP_FILE)
    record = (places.find(str(found)) if places else None) or {}
    country, place = _place_of(record)
    return Whereabouts(requester_of(str(found)), _kind_of(found), country, place)


def _place_of(record: dict[str, Any]) -> tuple[str, tuple[float, float] | None]:
    country, where = record.get("country") or {}, record.get("location") or {}
    place = (where["latitude"], where["longitude"]) if {"latitude", "longitude"} <= where.keys() else None
    return str(country.get("iso_code") or ""), place


def _kind_of(address: Address) -> str:
    """Return the kind of the smallest block that contains an address; `home` if no block does."""
    table, wide = _table(settings.NETWORKS_FILE), address.max_prefixlen
    for length in range(wide, 7, -1):
        kind = table.get((address.version, length), {}).get(int(address) >> (wide - length))
        if kind:
            return kind
    return "home"


@cache
def _table(theirs: str) -> Table:
    found = read_networks(str(OURS))
    for length, blocks in (_or_none(read_networks, theirs) or {}).items():
        found.setdefault(length, {}).update(blocks)
    return found


@cache
def _places(path: str) -> Places | None:
    return _or_none(read_places, path)


def _or_none(read: Callable[[str], T], path: str) -> T | None:
    """Read an operator's file; an unreadable file raises an alarm and counts as empty, so that people can still buy."""
    try:
        return read(path) if path else None
    except (OSError, ValueError, LookupError):
        log.exception("a file of internet addresses cannot be read: %s", path)
        return None


def read_networks(path: str) -> Table:
    """Read the blocks of a table `network,kind`; OSError, ValueError or KeyError if it is malformed."""
    found: Table = {}
    with Path(path).open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            block, kind = ipaddress.ip_network(row["network"].strip()), row["kind"].strip()
            if kind not in KINDS:
                raise ValueError(f"{kind!r} is none of {', '.join(KINDS)}")
            number = int(block.network_address) >> (block.max_prefixlen - block.prefixlen)
            found.setdefault((block.version, block.prefixlen), {})[number] = kind
    return found


def read_places(path: str) -> Places:
    """Read a file of places; OSError, ValueError or LookupError if it is malformed."""
    return Places(Path(path))
