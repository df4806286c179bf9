"""Writes of brands."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from brands import queries, rules
from brands.models import DEFAULT, Brand, BrandChange
from core.db import unit
from core.errors import Invalid

READ: Mapping[str, Callable[[Any], Any]] = {
    "code": rules.read_code,
    "domain": lambda text: rules.read_domain(text) if text else None,
    "color": rules.read_color,
    "mark": rules.tidy_mark,
    "sms_sender": rules.read_sms_sender,
    "texts": rules.read_texts,
}
"""Fields whose values are brought into one form, and how."""


def make_brand(*, actor: str, at: datetime, **fields: Any) -> Brand:
    """Make a brand of the fields of `Brand`; Invalid names each field at fault, also a host or a code that another brand has."""
    row = Brand(created_at=at, changed_at=at, changed_by=actor, **_read(fields))
    _check(row)
    with _only_one(), unit():
        row.save(force_insert=True)
        BrandChange.objects.create(brand=row, after=queries.values_of(row), actor=actor, at=at)
        _forget()
    return row


def change_brand(*, code: str, changes: Mapping[str, Any], actor: str, at: datetime) -> Brand:
    """Change fields of a brand, all but its code; Invalid names each field at fault. Where nothing changes, nothing is recorded."""
    changes = _read(changes)
    with _only_one(), unit():
        row = queries.lock_brand(code)
        before = queries.values_of(row)
        for name in changes.keys() & before.keys():
            setattr(row, name, changes[name])
        _check(row)
        after = queries.values_of(row)
        changed = [name for name in after if before[name] != after[name]]
        if changed:
            row.changed_at, row.changed_by = at, actor
            row.save(update_fields=[*changed, "changed_at", "changed_by"])
            told = {"before": {name: before[name] for name in changed}, "after": {name: after[name] for name in changed}}
            BrandChange.objects.create(brand=row, actor=actor, at=at, **told)
            _forget()
    return row


def _forget() -> None:
    """Let this process read the brands again: in this transaction, and once others can see what it wrote."""
    queries.forget()
    transaction.on_commit(queries.forget)


def _read(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return values in their one form; Invalid names each field at fault."""
    read, faults = dict(fields), {}
    for name in fields.keys() & READ.keys():
        try:
            read[name] = READ[name](fields[name])
        except rules.Faulty as fault:
            faults[name] = str(fault)
    if faults:
        raise Invalid(next(iter(faults.values())), code="brands.field_invalid", fields=faults)
    return read


def _check(row: Brand) -> None:
    """Check what every field must be, and where the brand lives; Invalid names each field at fault."""
    faults = {}
    try:
        row.clean_fields()
    except ValidationError as error:
        faults = {name: " ".join(texts) for name, texts in error.message_dict.items()}
    if row.code == DEFAULT and row.domain:
        faults["domain"] = "The first brand lives at the installation's own address (BNPL_BASE_URL)."
    if row.code != DEFAULT and not row.domain:
        faults["domain"] = "Write the host at which people reach this brand."
    if row.code != DEFAULT and row.domain == urlsplit(settings.BASE_URL).hostname:
        faults["domain"] = "This is the host of the first brand."
    if faults:
        raise Invalid(next(iter(faults.values())), code="brands.field_invalid", fields=faults)


@contextmanager
def _only_one() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        name = "domain" if "domain" in str(error) else "code"
        sentence = "Another brand has this host." if name == "domain" else "Another brand has this code."
        raise Invalid(sentence, code="brands.taken", fields={name: sentence}) from None
