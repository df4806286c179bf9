"""Give orders the history that was read from their events until now; who did it was not kept then."""

import uuid

from django.db import migrations

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_DIGITS = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")
_KINDS = ["approved", "rejected", "voided", "released", "expired", "extended"]


def _key(order: str) -> uuid.UUID:
    return uuid.UUID(int=int(order.removeprefix("ord_").translate(_DIGITS), 32) >> 2)


def keep(apps, schema_editor):
    """Write a change for each event that told one; what fell away with it is what the event said of the order."""
    OrderChange = apps.get_model("checkout", "OrderChange")
    events = apps.get_model("webhooks", "MerchantEvent").objects.filter(type__in=[f"order.{kind}" for kind in _KINDS])
    found = events.order_by("id").values_list("id", "type", "source", "data", "created_at")
    rows = (
        OrderChange(
            id=key, order_id=_key(source.split(":")[1]), kind=kind.removeprefix("order."), amount_minor=data.get("released", 0), at=at
        )
        for key, kind, source, data, at in found.iterator(chunk_size=1000)
    )
    OrderChange.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("checkout", "0010_order_changes"), ("webhooks", "0003_append_only")]
    operations = [migrations.RunPython(keep, migrations.RunPython.noop)]
