"""The forms of the checkout: they ask only for what is missing."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from accounts.models import Consumer
from accounts.queries import missing_details
from accounts.rules import find_destination, is_same_destination
from checkout.models import Checkout
from core.sentences import Sentence, translated
from markets.models import Market
from portals.forms import EmailField

LABELS = (gettext_noop("ZIP code"), gettext_noop("postal code"), gettext_noop("postcode"), gettext_noop("State"))
"""The names that markets use for the parts of an address."""
ADDRESS = ("line1", "line2", "postal_code", "city", "region")


def _text(label: Any, autocomplete: str, limit: int, required: Any, *, needed: bool = True, why: Any = "") -> forms.CharField:
    widget, told = forms.TextInput(attrs={"autocomplete": autocomplete}), {"required": required}
    return forms.CharField(label=label, max_length=limit, widget=widget, error_messages=told, required=needed, help_text=why)


class DetailsForm(forms.Form):
    """The consumer's details that are not known yet."""

    name = _text(
        _("Full name"),
        "name",
        120,
        _("Enter your full name."),
        why=_("The agreement is in this name, and the credit bureau finds you by it."),
    )
    birth_date = forms.DateField(
        label=_("Date of birth"),
        help_text=_("Credit is for adults, and others may have your name."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "bday", "min": "1900-01-01"}),
        error_messages={"required": _("Enter your date of birth."), "invalid": _("Enter a date as year-month-day, such as 1990-05-31.")},
    )
    line1 = _text(
        _("Street and number"),
        "address-line1",
        120,
        _("Enter your street and number."),
        why=_("Your home: it tells who you are, and letters go there."),
    )
    line2 = _text(_("Apartment, floor (optional)"), "address-line2", 120, "", needed=False)
    postal_code = _text(_("Postal code"), "postal-code", 16, _("Enter your postal code."))
    city = _text(_("City"), "address-level2", 80, _("Enter your city."))
    region = _text(_("State"), "address-level1", 40, _("Enter your state."))
    email = EmailField(
        "email",
        label=_("E-mail"),
        help_text=_("For your agreement and payment reminders."),
        error_messages={"required": _("Enter your e-mail address.")},
    )

    def __init__(self, *args: Any, wanted: Collection[str], market: Market, regions: Mapping[str, str], **kwargs: Any) -> None:
        """Keep the fields in `wanted` (`name`, `birth_date`, `address`, `email`), with the market's labels and list of states."""
        super().__init__(*args, **kwargs)
        kept = {name for name in wanted if name != "address"} | (set(ADDRESS) if "address" in wanted else set())
        if not self.initial.get("line2"):
            # Most people write this part into the street line: show the field only if it already has a value.
            kept.discard("line2")
        if market.region_label:
            self._offer_regions(market.region_label, regions)
        else:
            kept.discard("region")
        for name in set(self.fields) - kept:
            del self.fields[name]
        if "postal_code" in self.fields:
            field, label = self.fields["postal_code"], market.postal_code_label
            missing = Sentence("Enter your %(label)s.", label=label)
            field.label, field.error_messages["required"] = capfirst(translated(label)), translated(missing)
            field.widget.attrs["placeholder"] = market.postal_code_example

    def _offer_regions(self, label: str, regions: Mapping[str, str]) -> None:
        """Label the state as the market does, and suggest the states from its list."""
        self.fields["region"].label, self.regions = translated(label), regions
        if regions:
            self.fields["region"].widget.attrs["list"] = "regions"

    def details(self) -> dict[str, Any]:
        """Return the entered details as `accounts.services.update_details` takes them."""
        told = dict(self.cleaned_data)
        address = {name: told.pop(name) for name in ADDRESS if name in told}
        return told | ({"address": address} if address else {})


def wanted_of(consumer: Consumer, *, again: bool) -> list[str]:
    """Return what to ask a consumer: what is missing, or everything when they correct their details."""
    if not again:
        return missing_details(consumer)
    return ["name", "birth_date", "address", *([] if consumer.email_hash else ["email"])]


def known_of(consumer: Consumer, checkout: Checkout) -> dict[str, Any]:
    """Return the form's initial values: the consumer's own details, otherwise those that the merchant passed for the same person.

    The merchant's details count only if they include an e-mail address or a phone number that this consumer has confirmed.
    """
    address = dict(consumer.address or {})
    known: dict[str, Any] = {
        "name": consumer.name,
        "birth_date": date.fromisoformat(consumer.birth_date) if consumer.birth_date else None,
        "email": consumer.email,
    }
    told = checkout.customer if _same_person(consumer, checkout.customer) else {}
    elsewhere = told.get("address") or {}
    known |= {name: (address or elsewhere).get(name) or "" for name in ADDRESS}
    known["name"] = known["name"] or told.get("name", "")
    known["email"] = known["email"] or find_destination("email", str(told.get("email") or ""), consumer.market_id)
    return known


def _same_person(consumer: Consumer, customer: dict[str, Any]) -> bool:
    """Return whether a merchant's customer is this consumer, who has confirmed one of the customer's e-mail addresses or numbers."""
    region = consumer.market_id
    same_email = bool(consumer.email_hash) and is_same_destination("email", str(customer.get("email") or ""), consumer.email, region)
    return same_email or (
        bool(consumer.phone_hash) and is_same_destination("sms", str(customer.get("phone") or ""), consumer.phone, region)
    )
