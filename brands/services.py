"""Services that create and change brands."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from brands import queries
from brands.checking import check_brand, normalize_fields, taken_fault
from brands.models import Brand, BrandChange
from core.db import unit
from core.errors import Conflict

MEANWHILE = gettext_noop("Somebody has changed this brand meanwhile. Look at it again.")


def make_brand(*, actor: str, at: datetime, reason: str = "", **fields: Any) -> Brand:
    """Create a brand from the fields of `Brand`; Invalid names each field at fault, also a host or a code that another brand uses."""
    row = Brand(created_at=at, changed_at=at, changed_by=actor, **normalize_fields(fields))
    check_brand(row)
    with _only_one(), unit():
        row.save(force_insert=True)
        BrandChange.objects.create(brand=row, after=queries.values_of(row), actor=actor, reason=reason[:500], at=at)
        _forget()
    return row


def change_brand(
    *, code: str, changes: Mapping[str, Any], actor: str, at: datetime, reason: str = "", seen: datetime | None = None
) -> Brand:
    """Change fields of a brand, all but its code; Invalid names each field at fault. A change without a difference is not recorded.

    `seen` is the time of the latest change that the person saw; Conflict if somebody has changed the brand since.
    """
    changes = normalize_fields(changes)
    with _only_one(), unit():
        row = queries.lock_brand(code)
        before = queries.values_of(row)
        for name in changes.keys() & before.keys():
            setattr(row, name, changes[name])
        check_brand(row)
        after = queries.values_of(row)
        changed = [name for name in after if before[name] != after[name]]
        if changed:
            if seen is not None and row.changed_at > seen:
                raise Conflict(MEANWHILE, code="brands.changed_meanwhile")
            row.changed_at, row.changed_by = at, actor
            row.save(update_fields=[*changed, "changed_at", "changed_by"])
            told = {"before": {name: before[name] for name in changed}, "after": {name: after[name] for name in changed}}
            BrandChange.objects.create(brand=row, actor=actor, reason=reason[:500], at=at, **told)
            _forget()
    return row


def _forget() -> None:
    """Empty the cache of this process now, and again after the commit: a request in between may have cached the old values."""
    queries.known_brands.forget()
    transaction.on_commit(queries.known_brands.forget)


@contextmanager
def _only_one() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise taken_fault("domain" if "domain" in str(error) else "code") from None
