"""The network address of the client, from the header of trusted proxies only.

Every proxy appends the address that it saw to `X-Forwarded-For`; anything before that came from outside and may be forged. So the header is
read from the right, and only as far as `BNPL_TRUSTED_PROXIES` allows: a number of proxies, or their networks.
"""

import ipaddress
from functools import cache

from django.conf import settings
from django.http import HttpRequest

from core.crypto import lookup_hash

IPV6_SITE = 64
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def client_address(request: HttpRequest) -> str:
    """Return the client's network address; empty where the server does not know it."""
    sent = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    hops = list(reversed([part for part in sent if part]))
    seen = str(request.META.get("REMOTE_ADDR") or "")
    for number, hop in enumerate(hops):
        if not _is_trusted(seen, number) or not _is_address(hop):
            break
        seen = hop
    return seen


def _is_trusted(address: str, number: int) -> bool:
    """Return whether an address, the n-th from the right, is a trusted proxy, so that the address before it can be believed."""
    count, networks = trusted_proxies(settings.TRUSTED_PROXIES)
    return number < count or (_is_address(address) and any(ipaddress.ip_address(address) in network for network in networks))


@cache
def trusted_proxies(text: str) -> tuple[int, tuple[Network, ...]]:
    """Return the setting as a number of proxies and a tuple of networks, of which one is zero or empty; ValueError for an invalid one."""
    if text.isdigit():
        return int(text), ()
    return 0, tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def requester_of(address: str) -> str:
    """Return the requester of an address: the address, or for IPv6 its whole site, since one customer owns all of a site's addresses."""
    if not _is_address(address):
        return address
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped or ipaddress.ip_network((found, IPV6_SITE), strict=False).network_address)
    return str(found)


def requester(request: HttpRequest) -> str:
    """Return the requester of the client's address."""
    return requester_of(client_address(request))


def address_mark(address: str) -> str:
    """Return a short keyed hash of a requester, to link log lines without revealing the address."""
    return lookup_hash(f"address:{requester_of(address)}")[:12] if address else "-"
