"""Pure rules of webhooks: the types of events, their data, when to try again, and which addresses may be called."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from core.sentences import Faulty, Sentence
from core.web_addresses import NotAnAddress, read_host

EVENT_TYPES: Mapping[str, str] = {
    "checkout.checkout_declined": "checkout.declined",
    "checkout.checkout_expired": "checkout.expired",
    "checkout.order_authorized": "order.authorized",
    "checkout.order_held": "order.held",
    "checkout.order_approved": "order.approved",
    "checkout.order_rejected": "order.rejected",
    "checkout.order_captured": "order.captured",
    "checkout.order_refunded": "order.refunded",
    "checkout.order_voided": "order.voided",
    "checkout.order_released": "order.released",
    "checkout.order_expired": "order.expired",
    "checkout.order_expiring": "order.expiring",
    "checkout.order_extended": "order.extended",
    "checkout.order_postponed": "order.postponed",
    "plans.return_started": "return.started",
    "plans.return_ended": "return.ended",
    "plans.plan_completed": "plan.completed",
    "merchants.settlement_made": "settlement.created",
    "merchants.payout_bounced": "payout.bounced",
    "merchants.payout_arrived": "payout.arrived",
    "merchants.payout_repaid": "payout.resent",
}
"""Domain event -> the type of the event that merchants get."""

BEGINNINGS = frozenset({"checkout.order_authorized", "checkout.order_held"})
"""Events with which a sale begins. Their data names the other live sales under the shop's reference, so that a duplicate shows at once."""

REPEATING = frozenset(
    {"checkout.declined", "order.expiring", "order.extended", "plan.completed", "payout.bounced", "payout.arrived", "payout.resent"}
)
"""Types that one object can have more than once: a checkout is declined again for another amount, a plan opens again when more is captured,
a payout comes back again. Of every other type, an object has one event."""

RETRY_S = (10, 120, 900, 3600, 10_800, 21_600, 43_200, 86_400, 86_400, 86_400)
"""Seconds from one try to the next; then the delivery has failed."""

SECRET_OVERLAP = timedelta(hours=24)
MAX_SECRETS = 3
MAX_ENDPOINTS = 10
MAX_URL = 500
PORTS = frozenset({443, 8443})

_EXCEPTION = re.compile(r"\w+(Error|Exception): (\[[^]]*\] )?", re.ASCII)
_VISIBLE = re.compile(r"[!-~]+\Z")
_LOOPBACK_NAMES = ("localhost",)
_REFUSED = [
    ipaddress.ip_network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, where clouds keep their metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
        "::/8",  # unspecified, loopback, IPv4-compatible and IPv4-mapped
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",  # Teredo, ORCHID and the like
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
]


class Refused(Faulty):
    """An address that events are not sent to; the text says why, for people."""


@dataclass(frozen=True, slots=True)
class Target:
    """The target of a request, read from the URL once; no other target is called."""

    secure: bool
    host: str
    port: int
    path: str
    loopback: bool

    @property
    def origin(self) -> str:
        """Scheme, host and port as browsers write an origin."""
        usual = self.port == (443 if self.secure else 80)
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.secure else 'http'}://{host}{'' if usual else f':{self.port}'}"


def in_words(error: str) -> str:
    """Return why an endpoint did not answer, without the name and number of the exception that is stored before it."""
    found = _EXCEPTION.match(error)
    return error[found.end() :] if found else error


def read_target(url: str, *, sandbox: bool) -> Target:
    """Return the target of a URL; Refused unless it is https on port 443 or 8443 of a public host.

    A sandbox also calls its own machine (`localhost`, 127.0.0.0/8, ::1) by http or https on any port. Numbers in any
    other form than a plain address (decimal, hexadecimal, octal, short) are refused, so that no program reads them differently.
    """
    if not isinstance(url, str) or not url or len(url) > MAX_URL or not _VISIBLE.match(url) or "\\" in url:
        raise Refused(Sentence("An address is up to %(most)s visible ASCII characters.", most=MAX_URL))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused(Sentence("This is not a web address.")) from None
    if parts.scheme not in ("https", "http"):
        raise Refused(Sentence("The address must start with https://."))
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Refused(Sentence("The address must hold no user name, password or fragment."))
    if "%" in parts.netloc:
        raise Refused(Sentence("The host is not a name or an address."))
    try:
        host = read_host(parts.hostname or "")
    except NotAnAddress as fault:
        raise Refused(str(fault)) from None
    loopback = sandbox and _is_loopback(host)
    secure = parts.scheme == "https"
    port = (443 if secure else 80) if port is None else port
    if not loopback:
        _check_public(host, secure=secure, port=port)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(secure=secure, host=host, port=port, path=path, loopback=loopback)


def _check_public(host: str, *, secure: bool, port: int) -> None:
    if not secure:
        raise Refused(Sentence("The address must start with https://."))
    if port not in PORTS:
        raise Refused(Sentence("Only the ports 443 and 8443 are called."))
    if host in _LOOPBACK_NAMES or host.endswith(".localhost") or ("." not in host and ":" not in host):
        raise Refused(Sentence("The host is not a public one."))
    if _is_address(host) and not is_public(host):
        raise Refused(Sentence("The host is not a public one."))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host in _LOOPBACK_NAMES or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def is_public(address: str) -> bool:
    """Return whether an IP address is a public one.

    Private, loopback, link-local, carrier NAT, NAT64, 6to4, Teredo, IPv4-mapped and -compatible, documentation, multicast
    and reserved ranges are not (IANA special-purpose registries); nor is an address with a zone.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if getattr(ip, "scope_id", None) or not ip.is_global:
        return False
    return not any(ip in block for block in _REFUSED if block.version == ip.version)


def may_call(target: Target, address: str) -> bool:
    """Return whether a target's resolved address may be connected to: a loopback target only loopback, any other only public."""
    if not target.loopback:
        return is_public(address)
    return _is_address(address) and ipaddress.ip_address(address).is_loopback


def next_try(*, tries: int, at: datetime) -> datetime | None:
    """Return when to try again after `tries` failed ones (wall time), or None if no try is left."""
    return at + timedelta(seconds=RETRY_S[tries - 1]) if tries <= len(RETRY_S) else None


def wants(events: Sequence[str], event_type: str) -> bool:
    """Return whether an endpoint with these types gets an event of this type; no types mean all."""
    return not events or event_type in events


def live_secrets(stored: Sequence[Mapping[str, Any]], *, at: datetime) -> list[str]:
    """Return the secrets that sign at a wall time, newest first."""
    return [item["secret"] for item in stored if item["until"] is None or datetime.fromisoformat(item["until"]) > at]


def rotated(stored: Sequence[Mapping[str, Any]], *, secret: str, at: datetime) -> list[dict[str, Any]]:
    """Return the secrets with a new one in front; the previous one signs for 24 more hours (wall time). Three at most."""
    until = (at + SECRET_OVERLAP).isoformat()
    before = [{"secret": item["secret"], "until": item["until"] or until} for item in stored]
    living = [item for item in before if datetime.fromisoformat(item["until"]) > at]
    return [{"secret": secret, "until": None}, *living[: MAX_SECRETS - 1]]


def source_of(event_type: str, subject: str, at: datetime) -> str:
    """Return the identity of an event: its type and the object's public id, plus the time if the event can happen again."""
    return f"{event_type}:{subject}:{moment(at)}" if event_type in REPEATING else f"{event_type}:{subject}"


def own_data(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of an order's domain event beyond the order: the capture or refund with its amount, or the hours left."""
    data: dict[str, Any] = {}
    for kind in ("capture", "refund", "postponement"):
        if kind in told:
            data |= {f"{kind}_id": told[kind], f"{kind}_amount": told["amount_minor"]}
    return data | ({"hours": told["hours"]} if "hours" in told else {})


def moment(at: datetime) -> str:
    """Return a moment as the API writes it: UTC, milliseconds, `Z`."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
