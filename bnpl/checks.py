"""Checks of an installation before it starts: each fault names its setting and the remedy.

`manage.py check` lists all faults; the web server, workers and beat refuse to start if there is one (`require_fit`). A sandbox needs almost
no settings; a live installation refuses publicly known defaults.
"""

import base64
import binascii
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, register
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
from django.db import connection

from bnpl import env
from core.adjusting import LONGEST_KEPT_DAYS
from core.network import trusted_proxies
from core.retention import list_retentions
from core.web_addresses import SAFE_ADDRESS, NotAnAddress, read_origin
from fraud.networks import read_networks, read_places

MODES = ("sandbox", "live")
SHORTEST_SECRET = 50
FIELD_KEY_BYTES = 32
LEAST_DIFFERENT_BYTES = 12
"""The fewest different bytes in a key. 32 random bytes have about 30 different values; a typed key has far fewer."""
ALIKE = 0.9
"""From this likeness on (0 to 1), a name counts as a known one with a mistake in it, as BNPL_GATEWAI does."""
MAKE_FIELD_KEY = 'a key from: python3 -c "import base64, os; print(base64.b64encode(os.urandom(32)).decode())"'
# The settings that each provider of a kind needs. Sandbox providers accept test codes and test cards.
PROVIDERS: Mapping[str, tuple[str, Mapping[str, tuple[str, ...]]]] = {
    "BNPL_GATEWAY": ("card gateway", {"stripe": ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET")}),
    "BNPL_PULLS": ("bank debits", {"": (), "stripe": ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET")}),
    "BNPL_VERIFICATION": ("one-time codes", {"twilio": ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_VERIFY_SERVICE")}),
    "BNPL_SMS": ("text messages", {"twilio": ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM")}),
    "BNPL_IDENTITY": ("identity checks", {"http": ("IDENTITY_URL", "IDENTITY_KEY")}),
    "BNPL_BUREAU": ("credit reports", {"http": ("BUREAU_URL", "BUREAU_KEY", "BUREAU_NAME", "BUREAU_ADDRESS", "BUREAU_PHONE")}),
}
# The placeholder for the lender, in agreements and letters.
OWN_NAMES = ("BRAND_NAME", "BRAND_LEGAL_NAME", "BRAND_ADDRESS", "BRAND_SUPPORT_EMAIL", "BRAND_SUPERVISION", "EMAIL_FROM")
PUBLISHED_PASSWORDS = frozenset({"bnpl", "bnpl_app", "postgres", "OWNER_PASSWORD", "APP_PASSWORD"})
"""Database passwords published in the compose file and the guides, or easily guessed."""
STAND_INS = ("STRIPE_API_BASE", "TWILIO_API_BASE")

Faults = Iterator[Error]
_any: list[Callable[[], Faults]] = []
_live: list[Callable[[], Faults]] = []


def _listed(names: Iterable[str]) -> str:
    return ", ".join(name or "nothing" for name in names)


def _fault(number: int, setting: str, text: str, what_to_do: str) -> Error:
    return Error(f"{setting} {text}", hint=what_to_do, id=f"bnpl.E{number:03d}")


def faults() -> list[Error]:
    """Return all faults that keep this installation from starting, in the order in which a person would fix them."""
    wanted = [*_any, *(_live if settings.MODE != "sandbox" else [])]
    return [fault for check in wanted for fault in check()]


@register("bnpl")
def check_installation(**_: Any) -> list[Error]:
    """Report the faults in Django's own list of checks."""
    return faults()


def require_fit() -> None:
    """End this process with a list of all faults, if there are any."""
    found = faults() or brand_faults()
    # Forked processes must not share a connection.
    connection.close()
    if found:
        lines = [f"  {fault.id}: {fault.msg}\n      {fault.hint}" for fault in found]
        raise SystemExit("\n".join([f"This installation does not start: {len(found)} to mend.", *lines]))


# -- in both modes


@_any.append
def mode() -> Faults:
    """Check the mode: sandbox or live, two installations of the same code."""
    if settings.MODE not in MODES:
        yield _fault(1, "BNPL_MODE", f"is {settings.MODE!r}.", "Set it to sandbox or to live.")


@_any.append
def base_url() -> Faults:
    """Check the base URL of links in mails, of the card page and of API answers: only scheme, host and port."""
    hint = "Set it to where people reach this installation: https://pay.example.com"
    if settings.SANDBOX:
        # A sandbox on a private network is also allowed.
        if not re.fullmatch(r"https?://[^\s/?#@]+", settings.BASE_URL):
            yield _fault(2, "BNPL_BASE_URL", f"is {settings.BASE_URL!r}, no address of a site.", hint)
        return
    try:
        read_origin(settings.BASE_URL, sandbox=False)
    except NotAnAddress as fault:
        yield _fault(2, "BNPL_BASE_URL", f"is no address of a public site: {fault}.", hint)


@_any.append
def proxies() -> Faults:
    """Check the trusted proxies: with a mistake, all clients would count as one, or could forge their address."""
    try:
        trusted_proxies(settings.TRUSTED_PROXIES)
    except ValueError:
        yield _fault(3, "BNPL_TRUSTED_PROXIES", "is neither a number nor networks.", "Set it to 1, or to such as 10.0.0.0/8,192.0.2.7")


@_any.append
def files_of_networks() -> Faults:
    """Check that the files of internet addresses can be read: otherwise signals of fraud would be missing, and nobody would notice."""
    for name, read in (("BNPL_NETWORKS_CSV", read_networks), ("BNPL_GEOIP_MMDB", read_places)):
        path = env.get(name)
        try:
            if path:
                read(path)
        except (OSError, ValueError, LookupError) as fault:
            yield _fault(33, name, f"cannot be read: {fault}.", "Name a file that the processes may read, or none.")


@_any.append
def auditors() -> Faults:
    """Check the addresses to which each day's anchor is mailed: with a mistake, nobody would have a copy."""
    for address in settings.AUDITORS:
        try:
            validate_email(address)
        except ValidationError:
            hint = "Set it to addresses with commas between, or leave it unset."
            yield _fault(35, "BNPL_AUDITORS", f"holds {address!r}, which is no e-mail address.", hint)


@_any.append
def rings_of_keys() -> Faults:
    """Check that every key can be parsed: otherwise the fault would appear only when the first personal data is written."""
    for variable in ("BNPL_FIELD_KEYS", "BNPL_LOOKUP_KEYS"):
        pairs = [pair.partition(":") for pair in env.get(variable).split(",") if pair]
        names = {name for name, _, _ in pairs if name}
        if len(names) < len(pairs) or not all(_is_key(key) for _, _, key in pairs):
            yield _fault(4, variable, "holds what is no key.", f"Write name:key,name:key with different names, {MAKE_FIELD_KEY}")


@_live.append
def keys_of_their_own() -> Faults:
    """Check that no two purposes share a secret: a leak would affect both, and neither could be changed alone."""
    if _keys_of("BNPL_FIELD_KEYS") & _keys_of("BNPL_LOOKUP_KEYS"):
        yield _fault(27, "BNPL_LOOKUP_KEYS", "holds a key that seals data too.", f"Take another one for each, {MAKE_FIELD_KEY}")


def _keys_of(variable: str) -> set[str]:
    return {pair.partition(":")[2] for pair in env.get(variable).split(",") if pair}


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == FIELD_KEY_BYTES
    except binascii.Error:
        return False


@_any.append
def redis_server() -> Faults:
    """Check the address of Redis: with a wrong one, every process would start and fail at its first task."""
    if not re.fullmatch(r"(rediss?://[^\s/?#]+|unix:///)\S*", env.get("REDIS_URL")):
        yield _fault(
            37, "REDIS_URL", "is no address of a Redis server.", "Set it to redis://host:6379/0 or rediss://user:password@host:6379/0"
        )


@_any.append
def days_kept() -> Faults:
    """Check the retention periods: promises to consumers and shops set a minimum for each."""
    for one in {one.setting: one for one in list_retentions()}.values():
        if not one.floor <= settings.KEEP_DAYS[one.setting] <= LONGEST_KEPT_DAYS:
            yield _fault(6, one.setting, f"is {settings.KEEP_DAYS[one.setting]}. {one.why}", f"Set it to {one.floor} days or more.")


@_any.append
def providers_known() -> Faults:
    """Check that every provider's name is known: an unknown name would select the last provider of a list."""
    for variable, (kind, known) in PROVIDERS.items():
        name = env.get(variable)
        choice = ["sandbox", *known]
        if name not in choice:
            yield _fault(5, variable, f"is {name!r}: there is no such provider of {kind}.", f"Set it to one of: {_listed(choice)}")


# -- in live


@_live.append
def no_test_switches() -> Faults:
    """Check that no test switch is on, such as error pages that show settings, or URLs for tests."""
    for name, on in (("DEBUG", settings.DEBUG), ("BNPL_TESTING", settings.TESTING)):
        if on:
            yield _fault(10, name, "is on.", "Switch it off.")


@_live.append
def secret_key() -> Faults:
    """Check the secret key, on which sessions, sign-in links and the look-up of personal data depend."""
    try:
        key = settings.SECRET_KEY
    except ImproperlyConfigured:
        key = ""
    if _is_weak(key):
        hint = 'Set it to the output of: python3 -c "import secrets; print(secrets.token_urlsafe(48))" and keep it for good.'
        yield _fault(11, "BNPL_SECRET_KEY", f"is not set, shorter than {SHORTEST_SECRET} characters, published or easily guessed.", hint)


@_live.append
def earlier_secret_keys() -> Faults:
    """Check the earlier secret keys: sessions and sign-in links can still be made with them."""
    if any(_is_weak(key) for key in settings.SECRET_KEY_FALLBACKS):
        what = f"holds a key that is shorter than {SHORTEST_SECRET} characters, published or easily guessed."
        yield _fault(31, "BNPL_SECRET_KEYS_BEFORE", what, "Take it out: people sign in again.")


def _is_weak(key: str) -> bool:
    return len(key) < SHORTEST_SECRET or key.startswith("sandbox-only") or len(set(key)) < SHORTEST_SECRET // 5


@_live.append
def own_field_keys() -> Faults:
    """Check the keys of personal data: they must be random, and not derived from BNPL_SECRET_KEY, which may be changed alone."""
    for variable in ("BNPL_FIELD_KEYS", "BNPL_LOOKUP_KEYS"):
        if not env.get(variable):
            yield _fault(12, variable, "is not set.", f"Set it to k1:KEY, {MAKE_FIELD_KEY}")
        elif any(_is_key(key) and len(set(base64.b64decode(key))) < LEAST_DIFFERENT_BYTES for key in _keys_of(variable)):
            yield _fault(12, variable, "holds a key that is easily guessed.", f"Take {MAKE_FIELD_KEY}")


@_live.append
def hosts() -> Faults:
    """Check the host names that the installation accepts as its own."""
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        yield _fault(13, "BNPL_ALLOWED_HOSTS", "takes any name or none.", "Set it to the host of BNPL_BASE_URL, and others by commas.")
    elif urlsplit(settings.BASE_URL).hostname not in settings.ALLOWED_HOSTS:
        yield _fault(13, "BNPL_ALLOWED_HOSTS", "does not hold the host of BNPL_BASE_URL.", "Add it.")


@_live.append
def servers() -> Faults:
    """Check the addresses of the servers, whose defaults are for a single machine."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        if env.get(name) == env.KNOWN[name]:
            yield _fault(14, name, "is not set.", "Set it to the address of the installation's own server.")


@_live.append
def files() -> Faults:
    """Check that a variable stands in one place, and that its file is not empty: otherwise another value or a default would be used."""
    for name in env.KNOWN:
        if os.environ.get(f"{name}_FILE"):
            if os.environ.get(name):
                yield _fault(
                    38, name, f"is set, and {name}_FILE too: the file is not read.", f"Set {name} to nothing, or leave the file out."
                )
            elif not env.in_file(name):
                yield _fault(38, f"{name}_FILE", "names an empty file.", "Write the value into it, or leave it unset.")


@_live.append
def misspelled() -> Faults:
    """Check that no variable is a known one with a mistake in its name: the value would be ignored, and a default used."""
    known = [*env.KNOWN, *(f"{name}_FILE" for name in env.KNOWN)]
    for name in sorted(name for name in os.environ if name.startswith("BNPL_") and name not in known):
        for meant in get_close_matches(name, known, n=1, cutoff=ALIKE):
            yield _fault(39, name, "is no setting.", f"Write {meant}, or leave it out.")


@_live.append
def passwords() -> Faults:
    """Check that no database password is a published one: anybody who reaches the server could read and change everything."""
    database, owner = settings.DATABASES["default"], settings.DATABASE_OWNER
    for name, role in (("DATABASE_URL", database), (env.OWNER, owner)):
        if role and role["PASSWORD"] in {*PUBLISHED_PASSWORDS, role["USER"]} - {""}:
            yield _fault(
                29, name, "holds a password that is published or easily guessed.", "Give the role a random one: ALTER ROLE ... PASSWORD"
            )


@_live.append
def providers() -> Faults:
    """Check that no provider is a sandbox provider, which accepts test codes and test cards."""
    for variable, (kind, known) in PROVIDERS.items():
        name = env.get(variable)
        if name == "sandbox":
            yield _fault(20, variable, f"is the sandbox's provider of {kind}.", f"Set it to one of: {_listed(known)}")
        for needed in known.get(name, ()):
            if env.get(needed) == env.KNOWN[needed]:
                yield _fault(21, needed, f"is not set, and {variable}={name} needs it.", "It stands in your account with the provider.")


@_live.append
def published_secrets() -> Faults:
    """Check that no provider's secret is published in this source: anybody could forge the provider's events or calls."""
    for name in () if settings.REHEARSAL else env.SECRETS:
        if env.get(name) in env.PUBLISHED:
            yield _fault(32, name, "is the sandbox's, which is published.", "Take your own: it stands in your account with the provider.")


@_live.append
def addresses_of_providers() -> Faults:
    """Check that calls to identity services and bureaus are encrypted."""
    for variable, name in (("BNPL_IDENTITY", "IDENTITY_URL"), ("BNPL_BUREAU", "BUREAU_URL")):
        address = env.get(name)
        if env.get(variable) == "http" and address and not re.fullmatch(SAFE_ADDRESS, address):
            yield _fault(28, name, "would send personal data over plain http.", "Set it to an address that begins with https://")


@_any.append
def countries_of_providers() -> Faults:
    """Check that the countries of identity services and bureaus are country codes."""
    for name in ("IDENTITY_COUNTRIES", "BUREAU_COUNTRIES"):
        if not all(re.fullmatch("[A-Z]{2}", one) for one in env.get(name).split()):
            yield _fault(
                34, name, "names no countries.", 'Set it to codes of two letters with blanks between, such as "DK SE", or leave it unset.'
            )


@_any.append
def scores_of_bureaus() -> Faults:
    """Check the range of the bureau's scores: with a wrong one, every report would be refused."""
    for name in ("BUREAU_LOWEST_SCORE", "BUREAU_HIGHEST_SCORE"):
        if not re.fullmatch("[0-9]{1,4}", env.get(name)):
            yield _fault(36, name, f"is {env.get(name)!r}.", "Set it to a whole number, or leave it unset.")


@_live.append
def test_credentials() -> Faults:
    """Check that there are no test credentials or test URLs of providers, which move no money; only a rehearsal may have them."""
    if settings.REHEARSAL:
        yield from _rehearsed()
        return
    key = settings.PROVIDER_VALUES["STRIPE_SECRET_KEY"]
    if key and not key.startswith(("sk_live_", "rk_live_")):
        yield _fault(23, "STRIPE_SECRET_KEY", "is no live key.", "Take the one that begins with sk_live_ or rk_live_.")
    for name in STAND_INS:
        if env.get(name) != env.KNOWN[name]:
            yield _fault(24, name, "leads to a stand-in.", "Leave it unset.")


def _rehearsed() -> Faults:
    if settings.PROVIDER_VALUES["STRIPE_SECRET_KEY"].startswith(("sk_live_", "rk_live_")):
        yield _fault(23, "STRIPE_SECRET_KEY", "is a live key, and BNPL_REHEARSAL is on.", "Take one that begins with sk_test_.")
    for name in STAND_INS:
        if env.get(name) == env.KNOWN[name]:
            yield _fault(
                24, name, "leads to the provider itself, and BNPL_REHEARSAL is on.", "Set it to a stand-in that speaks its protocol."
            )


@_live.append
def mail() -> Faults:
    """Check the mail server: letters required by law are sent by e-mail."""
    address = env.get("EMAIL_URL")
    if not re.fullmatch(r"smtps?://([^/?#]+@)?[^/?#@:]+(:\d+)?/?", address):
        what = "is no address of a mail server." if address else "is not set."
        yield _fault(25, "EMAIL_URL", what, "Set it to smtp://user:password@host:587 or smtps://user:password@host:465")


@_live.append
def names() -> Faults:
    """Check the lender's names, which appear in agreements and from which the first brand is made."""
    for name in OWN_NAMES:
        if env.get(name) == env.KNOWN[name]:
            what = f"is that of the demo ({env.KNOWN[name]})." if env.KNOWN[name] else "is not set."
            yield _fault(26, name, what, "Set it to the lender's own.")


def brand_faults() -> list[Error]:
    """Return the missing fields of a live installation's brands, each with its brand; empty if the table cannot be read yet.

    They are not part of Django's checks, since these would block `migrate` and `brand`, which fix them.
    """
    if settings.SANDBOX:
        return []
    from brands.checking import list_missing
    from brands.queries import list_brands

    found = [(brand.code, field, what) for brand in list_brands() for field, what in list_missing(brand).items()]
    told = 'Set it with: manage.py brand {} --set {}="..." (or in the back office, under Brands).'
    return [Error(f"Brand {code}, {field}: {what}", hint=told.format(code, field), id="bnpl.E030") for code, field, what in found]
