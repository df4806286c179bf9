"""The kind of proposals about a provider account of a live installation: its keys, and where it is used."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controls.kinds import Kind, Values
from core.crypto import decrypt, encrypt, lookup_hash
from core.errors import Invalid
from core.models import ProviderAccount
from core.provider_accounts import WORDS, save_account
from core.providers import Capability, get_provider

SEALED, KEYS = "sealed", "keys"
"""The typed values, encrypted for this account only; and a keyed hash of the values in use, to notice a change."""
PLAIN = ("provider", "capabilities", "market", "brand", "priority", "active")
TOLD = (*PLAIN, "currency", "countries")


def seal(code: str, values: Mapping[str, str]) -> str:
    """Encrypt the values typed for an account, so that only a proposal about that account can decrypt them."""
    return encrypt(json.dumps(dict(values)), context=f"proposed keys {code}")


class ProviderKeys(Kind):
    """An account with a provider; `subject` is its code, `sealed` has the typed values, which are never shown again.

    `currency` is the market's, `countries` are those that the provider reported to serve when the keys were tried before the proposal.
    """

    name, about, title = "core.provider_account", "keys", gettext_lazy("Account with a provider")

    def subject_name(self, subject: str) -> str:
        """Return the account's code."""
        return subject

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return the account as it is stored, with a hash of its keys; empty if there is no account yet."""
        row = ProviderAccount.objects.filter(code=subject).first()
        if row is None:
            return {}
        return {name: getattr(row, name) for name in PLAIN} | {KEYS: lookup_hash(json.dumps(row.values, sort_keys=True))}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse a malformed account; the typed values are checked in the form, and again when they are saved."""
        if set(after) != {*TOLD, SEALED} or starts_on is not None:
            raise Invalid("This cannot be changed here.")
        get_provider(after["provider"])
        _opened(subject, after)

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Save the account with the typed keys; return its code."""
        told: dict[str, Any] = {name: after[name] for name in TOLD}
        return save_account(code=subject, **told, values=_opened(subject, after), actor=actor, at=at).code

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return the formatted value; keys are never shown."""
        labels = {
            "provider": _("Provider"),
            "capabilities": _("Asked for"),
            "market": _("Market"),
            "brand": _("Brand"),
            "priority": _("Priority"),
            "active": _("In use"),
            "currency": _("Currency"),
            "countries": _("Countries that it serves"),
        }
        if name in {SEALED, KEYS}:
            return _("Keys"), _("Typed in, and shown to nobody")
        if name == "capabilities":
            return labels[name], ", ".join(str(WORDS[Capability(one)]) for one in value)
        if name == "active":
            return labels[name], _("Yes") if value else _("No")
        return labels[name], (", ".join(value) if isinstance(value, list) else str(value)) or "-"

    def link(self, subject: str) -> str:
        """Return the page of providers."""
        return reverse("admin:core_provideraccount_changelist")


def _opened(subject: str, after: Values) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(decrypt(after[SEALED], context=f"proposed keys {subject}"))
    except (InvalidTag, KeyError, ValueError, AttributeError):
        raise Invalid("These keys cannot be read any more. Withdraw this, and type them in anew.") from None
    return found
