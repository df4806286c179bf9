"""Reasons of refunds that lay in clear are encrypted, in batches: each is a commit of its own."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.migrations._renewing import renew_all


def seal(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    """Encrypt them."""
    renew_all(apps, "checkout", "Refund")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("checkout", "0008_sealed_refund_reasons")]
    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
