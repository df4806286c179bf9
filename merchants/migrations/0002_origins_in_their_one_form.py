"""Keep of the registered sites what may stand in a header, in the form that browsers write; what is dropped stays in the history."""

from datetime import UTC, datetime

from django.conf import settings
from django.db import migrations

from core.web_addresses import NotAnAddress, read_origin


def clean(apps, schema_editor):
    """Write the sites of every shop anew, and the change into its history."""
    change = apps.get_model("merchants", "AccountChange")
    for merchant in apps.get_model("merchants", "Merchant").objects.exclude(origins=[]).iterator():
        before, after = merchant.origins, _kept(merchant.origins)
        if after == before:
            continue
        merchant.origins = after
        merchant.save(update_fields=["origins"])
        change.objects.create(
            merchant=merchant,
            kind="brand_changed",
            subject="",
            detail={"before": {"origins": before}, "after": {"origins": after}},
            actor="migration",
            at=datetime.now(UTC),
        )


def _kept(texts):
    kept = []
    for text in texts:
        try:
            kept.append(read_origin(str(text).strip().rstrip("/"), sandbox=settings.SANDBOX))
        except NotAnAddress:
            continue
    return list(dict.fromkeys(kept))


class Migration(migrations.Migration):
    dependencies = [("merchants", "0001_initial")]

    # On the way back there is nothing to do: the cleaned sites were good before too.
    operations = [migrations.RunPython(clean, migrations.RunPython.noop)]
