"""Accounts with providers that operators type in: created and changed, never deleted."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from core import providers
from core.db import unit
from core.errors import Conflict, Forbidden, refuse
from core.models import ProviderAccount
from core.providers import Account, Capability, Provider, Setting, get_provider
from core.queries import lock_account
from core.sentences import Sentence, Text
from core.web_addresses import SAFE_ADDRESS

CODE = re.compile(r"[a-z][a-z0-9-]{1,19}")


def save_account(
    *,
    code: str,
    provider: str,
    capabilities: Collection[str],
    market: str,
    priority: int,
    active: bool,
    values: Mapping[str, str],
    actor: str,
    at: datetime,
    brand: str = "",
    currency: str = "",
    countries: Collection[str] | None = None,
) -> ProviderAccount:
    """Create an account, or change the one with that code; this process uses it at once, every other within seconds.

    In a live installation two people must agree: Forbidden unless `actor` is an accepted proposal.

    An account with a `brand` (its code) is used for that brand only, and replaces the accounts without a brand there. `currency` is the
    market's: a provider that does not offer each of the capabilities in this market and currency is refused. `countries` are those that the
    provider named (`try_account`). None means that it was not asked; its earlier answer then stands if the values are the same.

    A secret that is not given stays as it was, provided that the address stays too. Invalid names the field; Conflict where the code
    belongs to another provider; NotFound for an unknown provider.
    """
    if takes_two() and not actor.startswith("proposal:"):
        raise Forbidden("In a live installation two people agree on keys. Propose them.")
    known = get_provider(provider)
    with unit():
        row = lock_account(code)
        taken = row.provider if row is not None else code if code in {one.identifier for one in providers.list_providers()} else provider
        if taken != provider:
            raise Conflict("This code is taken by another provider.", code="providers.code_taken")
        kept = _merged(known, values, row.values if row is not None else {})
        told = _told_before(row, kept) if countries is None else countries
        lacking = _unserved(known, capabilities, market, currency) or _elsewhere(known, told, market)
        refuse(_faults(known, code, capabilities, kept) | {"market": lacking})
        row = row or ProviderAccount(code=code, provider=provider, created_at=at)
        row.capabilities, row.market, row.priority, row.active = sorted(capabilities), market, priority, active
        row.brand, row.countries = brand, " ".join(sorted(told))
        row.values, row.changed_by, row.changed_at = kept, actor, at
        row.save()
    providers.refresh(at_once=True)
    return row


def takes_two() -> bool:
    """Return whether two people must agree on accounts: in a live installation, not in a sandbox."""
    return not settings.SANDBOX


def _merged(provider: Provider, given: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """Return the values of an account: the given value, else the stored secret, else the default.

    A stored secret is only sent to the address for which it was typed in: with a new address it must be typed in again. Otherwise, one
    could learn a secret by entering the address of one's own server.
    """
    values = {one.name: given.get(one.name, "").strip() or one.default for one in provider.settings}
    if all(values[one.name] == before.get(one.name) for one in provider.settings if one.is_address):
        values |= {one.name: values[one.name] or before.get(one.name, "") for one in provider.settings if one.secret}
    return values


def _faults(provider: Provider, code: str, capabilities: Collection[str], values: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong, by field."""
    able = {str(one) for one in provider.capabilities}
    return {
        "code": "" if CODE.fullmatch(code) else Sentence("2 to 20 small letters, digits and dashes, a letter first"),
        "capabilities": "" if capabilities and set(capabilities) <= able else Sentence("one or more of what this provider can do"),
        **_value_faults(provider, values),
    }


def _unserved(provider: Provider, capabilities: Collection[str], market: str, currency: str) -> str:
    """Return which capabilities the provider does not offer in a market and currency; empty if none, or for all markets."""
    asked = [one for one in Capability if one in capabilities] if market else []
    lacking = [str(WORDS[one]) for one in asked if not provider.serves(one, market=market, currency=currency)]
    if not lacking:
        return ""
    return Sentence(
        "%(provider)s does not offer this in %(market)s in %(currency)s: %(what)s",
        provider=str(provider.name), market=market, currency=currency, what=", ".join(lacking),
    )  # fmt: skip


def _told_before(row: ProviderAccount | None, values: Mapping[str, str]) -> list[str]:
    return row.countries.split() if row is not None and row.values == values else []


def _elsewhere(provider: Provider, countries: Collection[str], market: str) -> str:
    """Return the fault that the provider does not serve a market; empty without a fault, and for all markets (it says where it serves)."""
    if not market or not countries or market in countries:
        return ""
    where = ", ".join(sorted(countries))
    return Sentence("%(provider)s says that it serves %(where)s only", provider=str(provider.name), where=where)


def _value_faults(provider: Provider, values: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with each value on its own, by field."""
    return {one.name: _fault(one, values[one.name]) for one in provider.settings}


def _fault(setting: Setting, value: str) -> str:
    """Return what is wrong with a value; empty for a valid one."""
    if not value and setting.required:
        return Sentence("this is needed")
    if setting.stand_in and not settings.SANDBOX and (value == setting.default) == settings.REHEARSAL:
        return Sentence("a rehearsal asks a stand-in") if settings.REHEARSAL else Sentence("a live installation asks the provider itself")
    if setting.secret and value in settings.PUBLISHED_SECRETS:
        return Sentence("anybody can read this one: it is the sandbox's")
    if value and not _has_form(setting, value):
        return Sentence("this is none. %(help)s", help=str(setting.help)) if setting.help else Sentence("this is none")
    if value and setting.is_web_address and not settings.SANDBOX and not re.fullmatch(SAFE_ADDRESS, value):
        return Sentence("a key is sent there: https")
    return ""


def _has_form(setting: Setting, value: str) -> bool:
    """Return whether a value is one of the setting's choices and matches its form, where the setting has any."""
    return (not setting.choices or value in dict(setting.choices)) and (not setting.form or bool(re.fullmatch(setting.form, value)))


def try_account(*, code: str, provider: str, values: Mapping[str, str]) -> frozenset[str]:
    """Test these values with a call to the provider that changes nothing; an error where it does not answer or refuses them.

    Return the countries that it says it serves; empty where it names none or cannot say.

    A secret that is not given is the stored one. Invalid, without a call, for a value that is wrong on its own. Never inside a transaction.
    """
    known, row = get_provider(provider), ProviderAccount.objects.filter(code=code, provider=provider).first()
    kept = _merged(known, values, row.values if row else {})
    refuse(_value_faults(known, kept))
    adapter = import_string(known.adapter)(Account(code=code, provider=provider, capabilities=known.capabilities, values=kept))
    adapter.health()
    return frozenset(adapter.countries()) if hasattr(adapter, "countries") else frozenset()


def can_do(provider: Provider) -> list[tuple[str, Text]]:
    """Return a provider's capabilities as choices for a form."""
    return [(str(one), WORDS[one]) for one in Capability if one in provider.capabilities]


WORDS = {
    Capability.CARDS: _("Cards"),
    Capability.PULLS: _("Debits of bank accounts"),
    Capability.PAYOUTS: _("Payouts to shops"),
    Capability.DISPUTES: _("Disputes"),
    Capability.REPORTS: _("Reports for reconciliation"),
    Capability.CODES: _("One-time codes"),
    Capability.SMS: _("Text messages"),
    Capability.IDENTITY: _("Identity checks"),
    Capability.PICTURES: _("Pictures of documents"),
    Capability.SCREENING: _("Screening against lists"),
    Capability.BUREAU: _("Credit reports"),
    Capability.REGISTER: _("Registers of payment remarks"),
    Capability.OPEN_BANKING: _("Movements of bank accounts"),
    Capability.MAIL: _("E-mail"),
    Capability.SIGN_IN: _("Signing in by other companies"),
}
"""What each capability is called on a page."""
