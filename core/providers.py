"""Providers: the outside companies that the product calls, all registered in one way, and the accounts with them.

An app registers its providers when it starts (`register`); nothing heavy is imported before an account is first used. An account holds the
keys for a provider. It comes from environment variables, with the provider's identifier as its code, or from a row that an operator typed
in (`ProviderAccount`); a row with the same code replaces the variables. Payment rows store the account's code, so that they can always find
their account.
"""

import os
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from core.errors import NotFound, Unavailable
from core.models import ProviderAccount
from core.sentences import Sentence, Text


class Capability(StrEnum):
    """A service that a provider can offer."""

    CARDS = "cards"
    PULLS = "pulls"
    PAYOUTS = "payouts"
    DISPUTES = "disputes"
    REPORTS = "reports"
    CODES = "codes"
    SMS = "sms"
    IDENTITY = "identity"
    PICTURES = "pictures"
    SCREENING = "screening"
    BUREAU = "bureau"
    REGISTER = "register"
    OPEN_BANKING = "open_banking"
    MAIL = "mail"
    SIGN_IN = "sign_in"


CHOSEN_BY = {
    Capability.CARDS: "GATEWAY",
    Capability.PULLS: "PULLS",
    Capability.PAYOUTS: "GATEWAY",
    Capability.DISPUTES: "GATEWAY",
    Capability.REPORTS: "GATEWAY",
    Capability.CODES: "VERIFICATION",
    Capability.SMS: "SMS",
    Capability.IDENTITY: "IDENTITY",
    Capability.PICTURES: "PICTURES",
    Capability.SCREENING: "SCREENING",
    Capability.BUREAU: "BUREAU",
    Capability.REGISTER: "REGISTERS",
    Capability.OPEN_BANKING: "OPEN_BANKING",
    Capability.MAIL: "MAIL",
    Capability.SIGN_IN: "SIGN_IN",
}
"""The setting that chooses the provider of a capability, where environment variables choose it."""
SANDBOX = "sandbox"
"""The value of such a setting that means the sandbox world."""
BY_VARIABLES = 500
"""The priority of accounts from variables; rows below it come first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A value that an account needs: a key, an address, a number. `variable` is the environment variable that may give it.

    `form` is a regular expression for the value, and `choices` are the allowed values with their labels. `stand_in` says that any value but
    the default points to a substitute of the provider, which only a sandbox may use. `receives` says that the value decides where the
    account's secrets are sent, and how, such as a server's name.
    """

    name: str
    label: Text
    help: Text = ""
    secret: bool = False
    required: bool = True
    default: str = ""
    variable: str = ""
    form: str = ""
    stand_in: bool = False
    receives: bool = False
    choices: tuple[tuple[str, Text], ...] = ()

    @property
    def is_web_address(self) -> bool:
        """Whether the value is the web address to which the account's secrets are sent."""
        return self.stand_in or self.form.startswith("https?://")

    @property
    def is_address(self) -> bool:
        """Whether the value decides where the account's secrets are sent."""
        return self.receives or self.is_web_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account with a provider: its capabilities, its market and brand (empty: all), and its values.

    `countries` are those that the provider named when its keys were tested, or that the variables name; empty if none are named.
    """

    code: str
    provider: str
    capabilities: frozenset[Capability]
    market: str = ""
    brand: str = ""
    priority: int = BY_VARIABLES
    active: bool = True
    countries: frozenset[str] = frozenset()
    values: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A company, or the part of the sandbox world that stands for one.

    `adapter` is the dotted path of a function that takes an `Account` and returns the client object. Empty countries (ISO 3166-1) or
    currencies (ISO 4217) mean all of them, or that they are not known here and each account names its market. `fewer` gives the currencies
    of capabilities that have fewer than that. `countries_variable` is the environment variable with the countries in which an account from
    variables is used, as codes separated by spaces; empty: everywhere.
    """

    identifier: str
    name: Text
    capabilities: frozenset[Capability]
    adapter: str
    settings: tuple[Setting, ...] = ()
    countries: frozenset[str] = frozenset()
    currencies: frozenset[str] = frozenset()
    fewer: Mapping[Capability, frozenset[str]] = field(default_factory=dict)
    sandbox: bool = False
    countries_variable: str = ""
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    """Where the sandbox world speaks this provider's protocol: by the name of a setting, the path of its value there."""
    stand_in_pages: Mapping[str, str] = field(default_factory=dict)
    """The same for settings whose address people visit with their browser."""

    def serves(self, capability: Capability, *, market: str, currency: str) -> bool:
        """Return whether the provider offers a capability in a market and a currency; an empty argument is not checked."""
        currencies = self.currencies_of(capability)
        return (not market or not self.countries or market in self.countries) and (not currency or not currencies or currency in currencies)

    def currencies_of(self, capability: Capability) -> frozenset[str]:
        """Return the currencies of a capability; empty means all of them."""
        return self.fewer.get(capability, self.currencies)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A market and its currency, and the brand that serves people there."""

    market: str
    currency: str
    brand: str = ""


class ProviderMissing(Unavailable):
    """No account has the needed capability."""

    code = "provider_missing"


_registered: dict[str, Provider] = {}
_made: dict[tuple[int, str], Any] = {}
_lock = threading.Lock()


class _Book:
    """The accounts from rows, as this process last read them."""

    rows: tuple[Account, ...] = ()
    read_at = float("-inf")


def register(provider: Provider) -> None:
    """Register a provider; it replaces one with the same identifier."""
    _registered[provider.identifier] = provider


def list_providers() -> list[Provider]:
    """Return the providers that an installation of this mode can use, by name."""
    known = (provider for provider in _registered.values() if settings.SANDBOX or not provider.sandbox)
    return sorted(known, key=lambda provider: provider.name)


def get_provider(identifier: str) -> Provider:
    """Return a provider; NotFound, also for a sandbox provider in a live installation."""
    provider = _registered.get(identifier)
    if provider is None or (provider.sandbox and not settings.SANDBOX):
        raise NotFound("There is no such provider.")
    return provider


def stand_ins_of(provider: Provider) -> dict[str, str]:
    """Return the sandbox world's addresses for an account with a provider, by the name of the setting; empty in a live installation.

    The secret of such an account is the sandbox's key.
    """
    if not settings.SANDBOX:
        return {}
    called = {name: settings.SANDBOX_URL + path for name, path in provider.stand_ins.items()}
    return called | {name: settings.SANDBOX_PUBLIC_URL + path for name, path in provider.stand_in_pages.items()}


def refresh(*, at_once: bool = False) -> None:
    """Read the rows again if some seconds have passed, or at once; never called in a thread that only calls providers."""
    if at_once or time.monotonic() - _Book.read_at > settings.PROVIDERS_REREAD_S:
        keep(map(_typed, ProviderAccount.objects.order_by("code")))


def keep(rows: Iterable[Account]) -> None:
    """Set the accounts from rows; if they differ from the previous ones, all adapters are made again."""
    rows = tuple(rows)
    with _lock:
        if rows != _Book.rows:
            _made.clear()
        _Book.rows, _Book.read_at = rows, time.monotonic()


def list_accounts() -> list[Account]:
    """Return all accounts, also those not in use, in order of preference."""
    typed = {account.code: account for account in _Book.rows if account.provider in _registered}
    by_variables = {account.code: account for account in map(_by_variables, list_providers()) if account is not None}
    return sorted({**by_variables, **typed}.values(), key=lambda account: (account.priority, account.code))


def get_account(code: str) -> Account:
    """Return an account by its code, in use or not; NotFound."""
    for account in list_accounts():
        if account.code == code:
            return account
    raise NotFound("There is no such account with a provider.")


def choose(capability: Capability, *, market: str = "", currency: str = "", brand: str | None = "") -> list[Account]:
    """Return the accounts in use with a capability in a market, a currency and a brand, the preferred one first.

    If the brand has such accounts of its own, only these; otherwise those without a brand.
    """
    refresh()
    found = [
        account
        for account in list_accounts()
        if account.active
        and capability in account.capabilities
        and account.market in ("", market)
        and (not market or not account.countries or market in account.countries)
        and account.brand in ("", brand)
        and get_provider(account.provider).serves(capability, market=market, currency=currency)
    ]
    return [account for account in found if account.brand] or found


def list_missing(capability: Capability, places: Iterable[Place]) -> list[Place]:
    """Return the places, in order, where no account in use has a capability."""
    return sorted(one for one in places if not choose(capability, market=one.market, currency=one.currency, brand=one.brand))


def in_use(capability: Capability) -> list[Account]:
    """Return the accounts in use with a capability, of all markets and brands."""
    refresh()
    return [account for account in list_accounts() if account.active and capability in account.capabilities]


def in_order(capability: Capability, *, market: str = "", currency: str = "", brand: str | None = "") -> list[Account]:
    """Return the accounts of `choose`, to be tried one after the other; ProviderMissing where there is none."""
    found = choose(capability, market=market, currency=currency, brand=brand)
    if not found:
        raise ProviderMissing(Sentence("Nobody is asked for %(capability)s here.", capability=capability))
    return found


def first(capability: Capability, *, market: str = "", currency: str = "", brand: str | None = "") -> Account:
    """Return the preferred account; ProviderMissing where there is none."""
    return in_order(capability, market=market, currency=currency, brand=brand)[0]


def connect(code: str) -> Any:
    """Return the adapter of an account, one for each process so that its connections are kept; NotFound.

    It reads no row, so it may run in threads that only call providers.
    """
    # One for each process: a forked worker must not share its parent's sockets.
    key = (os.getpid(), code)
    if (made := _made.get(key)) is not None:
        return made
    account = get_account(code)
    made = import_string(get_provider(account.provider).adapter)(account)
    with _lock:
        return _made.setdefault(key, made)


def use(code: str, adapter: object) -> None:
    """Replace an account's adapter in this process, for tests and benchmarks."""
    _made[(os.getpid(), code)] = adapter


def forget() -> None:
    """Drop the adapters of this process; each is made again at its next use."""
    _made.clear()


def _typed(row: ProviderAccount) -> Account:
    """Return the account of a row."""
    return Account(
        code=row.code,
        provider=row.provider,
        capabilities=frozenset(map(Capability, row.capabilities)),
        market=row.market,
        brand=row.brand,
        priority=row.priority,
        active=row.active,
        countries=frozenset(row.countries.split()),
        values=row.values,
    )


def _by_variables(provider: Provider) -> Account | None:
    """Return a provider's account from environment variables; None if no setting names it and a required value is missing.

    The account is in use for the capabilities whose settings name it. An account that no setting names but that has all required values is
    not in use, but still serves the rows that were made with it.
    """
    values = {one.name: _variable(one) for one in provider.settings}
    named = frozenset(one for one in provider.capabilities if _is_chosen(provider, getattr(settings, CHOSEN_BY[one])))
    if not named and any(one.required and not values[one.name] for one in provider.settings):
        return None
    return Account(
        code=provider.identifier,
        provider=provider.identifier,
        capabilities=named or provider.capabilities,
        active=bool(named),
        countries=frozenset(str(settings.PROVIDER_VALUES.get(provider.countries_variable, "")).split()),
        values=values,
    )


def _is_chosen(provider: Provider, name: str) -> bool:
    """Return whether a setting names a provider: by its identifier, or by the part before the dash (`sandbox` for the sandbox's)."""
    return name in (provider.identifier, provider.identifier.partition("-")[0])


def _variable(setting: Setting) -> str:
    """Return the environment's value of a setting."""
    return str(settings.PROVIDER_VALUES.get(setting.variable, "") or setting.default) if setting.variable else setting.default
