"""The forms of the checkout: only what is missing is asked for."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Consumer
from accounts.queries import missing_details
from checkout.models import Checkout
from markets.models import Market

ADDRESS = ("line1", "postal_code", "city", "region")


def _text(label: Any, autocomplete: str, limit: int, required: Any, **attrs: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": autocomplete, **attrs})
    return forms.CharField(label=label, max_length=limit, widget=widget, error_messages={"required": required})


class DetailsForm(forms.Form):
    """Who somebody is, as far as it is not known."""

    name = _text(_("Full name"), "name", 120, _("Enter your full name."))
    birth_date = forms.DateField(
        label=_("Date of birth"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "bday", "min": "1900-01-01"}),
        error_messages={"required": _("Enter your date of birth."), "invalid": _("Enter a date as year-month-day, such as 1990-05-31.")},
    )
    line1 = _text(_("Street and number"), "address-line1", 120, _("Enter your street and number."))
    postal_code = _text(_("Postal code"), "postal-code", 12, _("Enter your postal code."))
    city = _text(_("City"), "address-level2", 80, _("Enter your city."))
    region = _text(_("State"), "address-level1", 40, _("Enter your state."))
    email = forms.EmailField(
        label=_("E-mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("For your agreement and payment reminders."),
        error_messages={"required": _("Enter your e-mail address."), "invalid": _("Enter an e-mail address, such as ann@example.com.")},
    )

    def __init__(self, *args: Any, wanted: Collection[str], market: Market, **kwargs: Any) -> None:
        """Keep the fields that are wanted (`name`, `birth_date`, `address`, `email`), in the market's words."""
        super().__init__(*args, **kwargs)
        kept = {name for name in wanted if name != "address"} | (set(ADDRESS) if "address" in wanted else set())
        if market.region_label:
            self.fields["region"].label = market.region_label
        else:
            kept.discard("region")
        for name in set(self.fields) - kept:
            del self.fields[name]
        if "postal_code" in self.fields:
            field, label = self.fields["postal_code"], market.postal_code_label
            field.label, field.error_messages["required"] = f"{label[:1].upper()}{label[1:]}", f"Enter your {label}."
            field.widget.attrs["placeholder"] = market.postal_code_example

    def details(self) -> dict[str, Any]:
        """Return what was told as `accounts.services.update_details` takes it."""
        told = dict(self.cleaned_data)
        address = {name: told.pop(name) for name in ADDRESS if name in told}
        return told | ({"address": address} if address else {})


def wanted_of(consumer: Consumer, *, again: bool) -> list[str]:
    """Return what to ask a consumer: what is missing, or all of it when they look at their details again."""
    if not again:
        return missing_details(consumer)
    return ["name", "birth_date", "address", *([] if consumer.email_hash else ["email"])]


def known_of(consumer: Consumer, checkout: Checkout) -> dict[str, Any]:
    """Return what the form starts with: the consumer's own details, else what the shop told about the same person.

    The shop's word counts only where it names the address or number that this consumer has confirmed.
    """
    address = dict(consumer.address or {})
    known: dict[str, Any] = {
        "name": consumer.name,
        "birth_date": date.fromisoformat(consumer.birth_date) if consumer.birth_date else None,
        "email": consumer.email,
    }
    told = checkout.customer if _same_person(consumer, checkout.customer) else {}
    elsewhere = told.get("address") or {}
    known |= {name: address.get(name) or elsewhere.get(name, "") for name in ADDRESS}
    known["name"] = known["name"] or told.get("name", "")
    known["email"] = known["email"] or told.get("email", "")
    return known


def _same_person(consumer: Consumer, customer: dict[str, Any]) -> bool:
    email = str(customer.get("email", "")).strip().lower()
    phone = "".join(char for char in str(customer.get("phone", "")) if char.isdigit())
    same_email = bool(email and consumer.email_hash) and email == consumer.email
    return same_email or bool(phone and consumer.phone_hash and consumer.phone.endswith(phone.lstrip("0")))
