"""`buy(...)` leaves the rows that the product's own way leaves: all of them, and each column, but for ids and the sandbox's references."""

import json
import re
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext

from core.crypto import sealed_fields
from markets.models import Market
from merchants.services import create_merchant
from plans.models import Plan
from tests.cast import NOW

OF_THE_SANDBOX = re.compile(r"\b(rep|kyc|pm|auth)_\w+")
TOOK = re.compile(r'"took_ms": \d+')
FRESH = {
    "core.SubjectKey": ("wrapped", "created_at"),
    "fraud.Sighting": ("person_key", "card", "same"),
    "fraud.AccountAct": ("person_key",),
}
LOGGED = "controls.AuditRow"
"""The database writes these itself for the other rows, in the order in which those are written; that may differ."""


def rows() -> dict[models.Model, str]:
    """Return every row of the product and its columns as text, oldest first; whatever names a row by its key has the name of its table."""
    found = [
        row
        for model in apps.get_models()
        if model._meta.managed and model._meta.label != LOGGED
        for row in model._default_manager.order_by("pk")
    ]
    names: dict[str, str] = {}
    for row in found:
        if not isinstance(row._meta.pk, models.AutoField):
            names |= {str(key): row._meta.label for key in (row.pk, getattr(row, "public_id", row.pk))}
        if isinstance(row, Plan):
            # The agreement names its checkout; the plan's text itself is compared.
            words = "\n".join(filter(None, (row.agreement.get(name) for name in ("information", "text", "payment_plan"))))
            names[sha256(words.encode()).hexdigest()] = "hash of the agreement"
    kinds = {model: forms(model) for model in {type(row) for row in found}}
    return {row: f"{_told(row, names)} {kinds[type(row)][row.pk]}" for row in found}


def forms(model: type[models.Model]) -> dict[Any, list[str]]:
    """Return by which kind of key each encrypted column of each row is encrypted."""
    columns = [field.column for field in sealed_fields(model)]
    heads = ", ".join(["", *[f"split_part({column}, ':', 1)" for column in columns]])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {model._meta.pk.column}{heads} FROM {model._meta.db_table}")
        return {key: list(kinds) for key, *kinds in cursor.fetchall()}


def _told(row: models.Model, names: dict[str, str]) -> str:
    counted = {"number", *FRESH.get(row._meta.label, ())} | {
        field.name for field in row._meta.concrete_fields if isinstance(field, models.AutoField)
    }
    values = {field.name: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name not in counted}
    text = TOOK.sub('"took_ms": 0', json.dumps(values, default=str, sort_keys=True))
    return OF_THE_SANDBOX.sub("of the sandbox", re.sub(r"[\w-]{26,}", lambda word: names.get(word[0], word[0]), text))


def written(buy: Callable[..., Any], **how: Any) -> list[str]:
    """Return what a purchase writes, or writes differently; it is taken back."""
    with transaction.atomic():
        before = rows()
        # Redis keeps what was counted of a purchase that is taken back.
        settings.FRAUD_COUNTERS = f"fraud:{uuid4().hex}"
        buy(**how)
        after = rows()
        transaction.set_rollback(True)
    return [f"{row._meta.label} {text}" for row, text in after.items() if before.get(row) != text]


@pytest.mark.parametrize(
    ("market", "product"),
    [("US", "pay_in_4"), ("GB", "pay_in_30"), ("DK", "pay_in_4"), ("SE", "pay_in_30"), ("DE", "pay_in_4"), ("AU", "pay_in_30")],
)
def test_a_purchase_that_begins_with_the_last_click_leaves_the_same_rows(buy, db, market, product):
    shop = create_merchant(
        name="Shop", legal_name="Shop Ltd", market=Market.objects.get(code=market), payout_destination="bank-1", slug="shop", at=NOW
    )
    how = {"merchant": shop, "amount": 20_000, "email": "zoe+approve@people.example", "product": product}
    with CaptureQueriesContext(connection) as all_the_way:
        whole = written(buy.whole, **how)
    with CaptureQueriesContext(connection) as short:
        quick = written(buy, **how)
    for one, other in zip(quick, whole, strict=False):
        assert one == other
    assert len(quick) == len(whole)
    assert len(short) < len(all_the_way) - 50
