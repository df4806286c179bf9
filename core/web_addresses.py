"""Web addresses that others give us: hosts in one canonical form, as networks and browsers use (IDNA 2008 in ASCII), and origins. Pure.

The stored form is later written into headers: a frame policy, a redirect, the target of a message.
"""

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

import idna

from core.characters import has_unseen, visible
from core.sentences import Faulty, Sentence

_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\Z")
_ORIGIN = re.compile(r"(https?)://([^\s/?#@:\\\[\]%]+)(?::([0-9]{1,5}))?", re.IGNORECASE)
_USUAL = {"https": 443, "http": 80}
SAFE_ADDRESS = r"https://\S+|http://(?:127\.0\.0\.1|\[::1\]|[a-z0-9_-]+)(?::\d+)?(?:/\S*)?"
"""Where keys and personal data may be sent: by https, or to a local service (this machine, or a host name without a dot)."""
_OWN_MACHINE = ("localhost", "127.0.0.1")


class NotAnAddress(Faulty):
    """The text is not a web address of the required kind; the message says why, for people."""


def read_host(host: str) -> str:
    """Return a host in canonical form: a name in ASCII and lower case, an IPv4 address, or an IPv6 address without brackets.

    NotAnAddress otherwise, also for numbers that some programs read as an address (decimal, hexadecimal, octal, short).
    """
    if ":" in host:
        try:
            return str(ipaddress.IPv6Address(host))
        except ValueError:
            raise NotAnAddress(Sentence("The host is not an address.")) from None
    if has_unseen(host):
        # The ASCII name would lack these characters, and so differ from the name that was meant.
        raise NotAnAddress(Sentence("The host holds characters that cannot be seen."))
    name = _ascii_name(host.lower())
    last = name.rpartition(".")[2]
    if last.isdigit() or last.startswith("0x"):
        try:
            return str(ipaddress.IPv4Address(name))
        except ValueError:
            raise NotAnAddress(Sentence("The host is a number that is not a plain address.")) from None
    if not _NAME.match(name):
        raise NotAnAddress(Sentence("The host is not a name or an address."))
    return name


def _ascii_name(name: str) -> str:
    """Return a name in ASCII: `müller.example` is `xn--mller-kva.example`; empty where that is impossible."""
    if name.isascii() and "xn--" not in name:
        return name
    try:
        return idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        return ""


def read_origin(text: str, *, sandbox: bool) -> str:
    """Return an origin as browsers write it: `https://`, a public name, and a port where it is not the default one.

    It may contain nothing else: no pattern, user, path or query. A sandbox also accepts `http` and its own machine (`localhost`,
    names under it, 127.0.0.1). NotAnAddress otherwise; its text is for the person who typed the address.
    """
    if has_unseen(text):
        raise NotAnAddress(Sentence("%(address)s holds characters that cannot be seen; type it anew", address=visible(text)))
    found = _ORIGIN.fullmatch(text)
    if found is None:
        raise NotAnAddress(Sentence("%(address)s is not a site, such as https://shop.example", address=text))
    scheme, port = found[1].lower(), int(found[3] or _USUAL[found[1].lower()])
    try:
        host = read_host(found[2])
    except NotAnAddress:
        raise NotAnAddress(Sentence("%(address)s is not a site, such as https://shop.example", address=text)) from None
    if not _may_be_registered(host, scheme, sandbox=sandbox):
        raise NotAnAddress(Sentence("%(address)s must start with https:// and have a public name", address=text))
    if not 1 <= port <= 65_535:
        raise NotAnAddress(Sentence("%(address)s has no such port", address=text))
    return f"{scheme}://{host}" + ("" if port == _USUAL[scheme] else f":{port}")


def _may_be_registered(host: str, scheme: str, *, sandbox: bool) -> bool:
    own = host in _OWN_MACHINE or host.endswith(".localhost")
    public = "." in host and not own and not host.rpartition(".")[2].isdigit()
    return (scheme == "https" and public) or (sandbox and own)


def sound_origins(texts: Iterable[str], *, sandbox: bool) -> list[str]:
    """Return the stored origins that are in canonical form, in order: only these may be written into a header."""
    return [text for text in texts if _is_sound(text, sandbox=sandbox)]


def _is_sound(text: str, *, sandbox: bool) -> bool:
    try:
        return read_origin(text, sandbox=sandbox) == text
    except NotAnAddress:
        return False


def read_url(url: str) -> str:
    """Return a full `http` or `https` address that is safe to send a browser to, with its host in canonical form; NotAnAddress otherwise.

    It contains no user name, no blank, no control or invisible character and no backslash, which browsers read as a slash.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise NotAnAddress(Sentence("This is not a web address.")) from None
    odd = "@" in parts.netloc or "%" in parts.netloc or "\\" in url or " " in url or not url.isprintable()
    if parts.scheme not in _USUAL or port == 0 or odd:
        raise NotAnAddress(Sentence("This is not a web address."))
    host = read_host(host)
    place = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    return url if place == parts.netloc else urlunsplit((parts.scheme, place, parts.path, parts.query, parts.fragment))


def origin_of(url: str) -> str:
    """Return the origin of an address as browsers write it; empty where it has none."""
    try:
        parts = urlsplit(read_url(url))
    except NotAnAddress:
        return ""
    usual = parts.port is None or parts.port == _USUAL[parts.scheme]
    return f"{parts.scheme}://{parts.netloc.rpartition(':')[0] if usual and parts.port else parts.netloc}"
