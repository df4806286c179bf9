"""Validation of a brand's fields, before anything is written."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_noop

from brands import rules
from brands.models import DEFAULT, Brand
from brands.queries import FIELDS, PageBrand
from brands.theme import readable
from core.errors import Invalid, NotFound
from core.web_addresses import NotAnAddress, read_origin

READ: Mapping[str, Callable[[Any], Any]] = {
    "code": rules.read_code,
    "domain": lambda text: rules.read_domain(text) if text else None,
    "color": lambda text: readable(rules.read_color(text)),
    "mark": rules.tidy_mark,
    "sms_sender": rules.read_sms_sender,
    "texts": rules.read_texts,
}
"""The function that normalizes a field's value, by field."""


def check_changes(*, code: str, changes: Mapping[str, Any]) -> None:
    """Validate new values of a brand; Invalid names each field at fault, also a host of another brand. Nothing is written."""
    row = Brand.objects.filter(code=code).first()
    if row is None:
        raise NotFound("There is no such brand.")
    for name, value in normalize_fields(changes).items():
        setattr(row, name, value)
    check_brand(row)
    if row.domain and Brand.objects.filter(domain=row.domain).exclude(code=code).exists():
        raise taken_fault("domain")


def normalize_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return normalized values; Invalid names each field at fault."""
    normalized, faults = dict(fields), {}
    for name in fields.keys() & READ.keys():
        try:
            normalized[name] = READ[name](fields[name])
        except rules.Faulty as fault:
            faults[name] = str(fault)
    if faults:
        raise Invalid(next(iter(faults.values())), code="brands.field_invalid", fields=faults)
    return normalized


def check_brand(row: Brand) -> None:
    """Validate a whole brand: its fields, its host and, in live mode, the statements required of a lender; Invalid names each field."""
    faults = {}
    try:
        row.clean_fields(exclude=set() if row.domain else {"domain"})
    except ValidationError as error:
        faults = {name: " ".join(texts) for name, texts in error.message_dict.items()}
    if row.code == DEFAULT and row.domain:
        faults["domain"] = gettext_noop("The first brand lives at the installation's own address (BNPL_BASE_URL).")
    if row.code != DEFAULT and not row.domain:
        faults["domain"] = gettext_noop("Write the host at which people reach this brand.")
    if row.code != DEFAULT and row.domain == urlsplit(settings.BASE_URL).hostname:
        faults["domain"] = gettext_noop("This is the host of the first brand.")
    if not settings.SANDBOX and not faults:
        faults = list_missing(PageBrand(**{name: getattr(row, name) for name in FIELDS}))
    if faults:
        raise Invalid(next(iter(faults.values())), code="brands.field_invalid", fields=faults)


def list_missing(brand: PageBrand) -> dict[str, str]:
    """Return the faults of a brand for a live installation: the field, and what is wrong with it.

    A lender states its name, address, contact and supervisor, on a host that is reached by https.
    """
    needed = {name: getattr(brand, name) for name in ("legal_name", "address")}
    needed |= {"supervision": brand.supervised, "support_email": brand.support_email or brand.support_phone}
    found = {name: gettext_noop("A live installation needs this.") for name, value in needed.items() if not str(value).strip()}
    try:
        read_origin(brand.base_url, sandbox=False)
    except NotAnAddress:
        found["domain"] = gettext_noop("A live installation needs the host of a public site, reached by https.")
    return found


def taken_fault(name: str) -> Invalid:
    """Return the error for a host (`domain`) or a code that another brand already uses."""
    sentence = gettext_noop("Another brand has this host.") if name == "domain" else gettext_noop("Another brand has this code.")
    return Invalid(sentence, code="brands.taken", fields={name: sentence})
