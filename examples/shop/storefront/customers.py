"""Delivery details: their form, its validation, and the `customer` sent to the platform, so that nobody types it twice."""

from collections.abc import Mapping
from typing import Any

from storefront.catalog import Shop

NEEDED = {
    "name": "Enter your full name.",
    "email": "Enter an e-mail address, such as anna@example.com.",
    "line1": "Enter your street and number.",
    "postal_code": "Enter your postal code.",
    "city": "Enter your city.",
    "region": "Enter your state, such as OR.",
}
LONGEST = 120


def needed_of(shop: Shop) -> list[str]:
    """Return the names of the fields that a shop asks for."""
    return [name for name in NEEDED if name != "region" or shop.has_regions]


def faults_in(form: Mapping[str, str], shop: Shop) -> dict[str, str]:
    """Return the errors of a form as sentences, by field; empty if there are none."""
    missing = {name for name in needed_of(shop) if not form.get(name) or len(form[name]) > LONGEST}
    if "email" not in missing and not _is_email(form["email"]):
        missing.add("email")
    needed = NEEDED | ({"postal_code": "Enter your ZIP code."} if shop.has_regions else {})
    return {name: needed[name] for name in needed_of(shop) if name in missing}


def _is_email(text: str) -> bool:
    local, at, domain = text.rpartition("@")
    return bool(local and at and "." in domain.strip(".") and not any(char.isspace() for char in text))


def customer_of(form: Mapping[str, str], shop: Shop) -> dict[str, Any]:
    """Convert a valid form to the platform's `customer`."""
    address = {name: form[name] for name in needed_of(shop) if name not in {"name", "email"}}
    return {"name": form["name"], "email": form["email"], "address": {**address, "country": shop.country}}


def fields_of(customer: Mapping[str, Any]) -> dict[str, str]:
    """Convert a customer to the form's fields."""
    return {name: str(customer[name]) for name in ("name", "email") if name in customer} | dict(customer.get("address", {}))


def example(shop: Shop) -> dict[str, str]:
    """Return a sample customer of the shop."""
    person = shop.person
    return {
        "name": person.name,
        "email": person.email,
        "line1": person.line1,
        "postal_code": person.postal_code,
        "city": person.city,
        "region": person.region,
    }
