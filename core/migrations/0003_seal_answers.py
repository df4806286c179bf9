"""Encrypt answers that were stored unencrypted, in batches with a commit for each."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.migrations._renewing import renew_all


def seal(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    """Encrypt all rows."""
    renew_all(apps, "core", "IdempotentAnswer")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0002_sealed_answers")]
    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
