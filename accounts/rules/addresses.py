"""Addresses in one canonical form, and their time zones; pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.characters import visible
from core.sentences import Sentence

ADDRESS_FIELDS = {"line1": 120, "line2": 120, "postal_code": 16, "city": 80, "region": 40}


@dataclass(frozen=True, slots=True)
class AddressForm:
    """A market's form of addresses.

    The pattern matches a postal code of capital letters and digits only; its groups, joined by `postal_code_join`, are the stored form.
    `regions` are the states by code; if it is empty, any text is accepted as a state.
    """

    country: str
    postal_code_pattern: str
    postal_code_label: str
    postal_code_example: str
    region_label: str
    postal_code_join: str = ""
    regions: Mapping[str, str] = field(default_factory=dict)


def normalize_address(address: Mapping[str, object], form: AddressForm) -> tuple[dict[str, str], dict[str, str]]:
    """Return an address in canonical form, and its faults by field (`address.postal_code`)."""
    clean = {field: visible(str(address.get(field) or "")) for field in ADDRESS_FIELDS}
    faults: dict[str, str] = {
        f"address.{field}": Sentence("Use at most %(most)s characters.", most=most)
        for field, most in ADDRESS_FIELDS.items()
        if len(clean[field]) > most
    }
    needed = {"line1": Sentence("Enter your street and number."), "city": Sentence("Enter your city.")}
    needed["postal_code"] = Sentence("Enter your %(label)s.", label=form.postal_code_label)
    if form.region_label:
        needed["region"] = Sentence("Enter your state.")
    faults |= {f"address.{field}": sentence for field, sentence in needed.items() if not clean[field]}
    if clean["postal_code"]:
        clean["postal_code"] = normalize_postal_code(clean["postal_code"], form)
        if not clean["postal_code"]:
            faults["address.postal_code"] = Sentence(
                "Enter a %(label)s such as %(example)s.", label=form.postal_code_label, example=form.postal_code_example
            )
    if clean["region"] and form.regions:
        clean["region"] = find_region(clean["region"], form.regions)
        if not clean["region"]:
            faults["address.region"] = Sentence("Choose your state, such as %(example)s.", example=next(iter(form.regions)))
    if str(address.get("country") or form.country).upper() != form.country:
        faults["address.country"] = Sentence("Only addresses in %(country)s can be used here.", country=form.country)
    kept = {field: value for field, value in clean.items() if value}
    return {**kept, "country": form.country}, faults


def normalize_postal_code(text: str, form: AddressForm) -> str:
    """Return a postal code in canonical form, without the country's letters before it; empty if it is not valid in the country."""
    bare = re.sub(r"[^A-Z0-9]", "", unicodedata.normalize("NFKC", text).upper())
    found = re.fullmatch(form.postal_code_pattern, bare, re.ASCII)
    if found is None:
        return ""
    return form.postal_code_join.join(part for part in found.groups() if part) or bare


def find_region(text: str, regions: Mapping[str, str]) -> str:
    """Return the code of a state from its code or its name, in any case and with or without dots; empty for an unknown one."""
    wanted = _letters(text)
    return next((code for code, name in regions.items() if wanted in (_letters(code), _letters(name))), "")


def address_line(address: Mapping[str, object]) -> str:
    """Write an address on one line as its country does: "Portland, OR 97205", "8000 Aarhus C"."""
    first, second, code, city, region = (str(address.get(key) or "") for key in ("line1", "line2", "postal_code", "city", "region"))
    place = f"{city}, {region} {code}" if region else f"{code} {city}"
    return ", ".join(part.strip(" ,") for part in (first, second, place) if part.strip(" ,"))


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def zone_of(address: Mapping[str, str], zones: Mapping[str, Mapping[str, str]], default: str) -> str:
    """Return the time zone of an address in its stored form: by the longest listed prefix of the postal code, otherwise by the state.

    `zones` has `by_postal_code` and `by_region`; each maps the name of a zone to prefixes or states, separated by spaces.
    """
    starts = {start: zone for zone, listed in zones.get("by_postal_code", {}).items() for start in listed.split()}
    code = address.get("postal_code", "")
    for length in range(len(code), 0, -1):
        if code[:length] in starts:
            return starts[code[:length]]
    region = address.get("region", "")
    return next((zone for zone, listed in zones.get("by_region", {}).items() if region in listed.split()), default)
