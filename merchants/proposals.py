"""Kinds of proposals about a shop: its terms and basket rules, its bank account, and its reopening."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy

from controls.kinds import Kind, Values
from core.errors import Invalid
from core.ids import parse_id
from merchants import services
from merchants.models import Merchant
from merchants.queries import get_merchant
from merchants.services.profile import check_terms
from merchants.texts import NAMES, term_text


class OfShop(Kind):
    """Base of kinds about a shop; the subject is its public id."""

    about = "shop"
    fields: frozenset[str] = frozenset()

    def subject_name(self, subject: str) -> str:
        """Return the shop's name."""
        return _shop(subject).name

    def zone(self, subject: str) -> str:
        """Return the time zone of the shop's market."""
        return _shop(subject).market.time_zone

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return the shop's present values."""
        shop = _shop(subject)
        return {name: getattr(shop, name) for name in after}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse values that a shop cannot have."""
        if not after or not after.keys() <= self.fields:
            raise Invalid("This cannot be changed here.")
        check_terms(after)

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Change the shop's terms."""
        return services.update_terms(merchant=_shop(subject), changes=after, actor=actor, at=at).public_id

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return a term's name and its value in words."""
        return str(NAMES[name]), term_text(name, value, _shop(subject).currency)

    def link(self, subject: str) -> str:
        """Return the shop's page."""
        return reverse("admin:merchants_merchant_change", args=[_shop(subject).pk])


class Terms(OfShop):
    """A shop's fees, the time to capture orders, and the rules that hold orders, from a day on."""

    name, title = "merchants.terms", gettext_lazy("Terms of a shop")
    fields = frozenset(
        {
            *("fee_bps", "fee_fixed_minor", "refund_fees", "authorization_days", "held_categories", "max_quantity"),
            *("postpone_fixed_minor", "postpone_bps", "postpone_most"),
        }
    )


class BankAccount(OfShop):
    """The account to which a shop's money goes."""

    name, title = "merchants.bank_account", gettext_lazy("Bank account of a shop")
    fields = frozenset({"payout_destination"})

    def form_fields(self, subject: str, after: Values) -> dict[str, forms.Field]:
        """Return the field of the account."""
        label = str(NAMES["payout_destination"])
        return {"payout_destination": forms.CharField(max_length=120, label=label, initial=after["payout_destination"])}


class Reopening(OfShop):
    """The end of a shop's suspension."""

    name, title = "merchants.reopening", gettext_lazy("A suspended shop opens again")
    fields = frozenset({"suspended"})

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return whether the shop is suspended."""
        return {"suspended": _shop(subject).is_suspended}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse anything but the end of the suspension."""
        if dict(after) != {"suspended": False}:
            raise Invalid("This cannot be changed here.")

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Let the shop open checkouts again."""
        return services.reopen_merchant(merchant_id=_shop(subject).pk, actor=actor, at=at).public_id


OF_A_SHOP = (Terms.name, BankAccount.name, Reopening.name)


def _shop(subject: str) -> Merchant:
    return get_merchant(parse_id(Merchant.PREFIX, subject))
