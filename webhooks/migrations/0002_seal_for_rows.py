"""Endpoints' secrets are sealed for their row, in batches: each is a commit of its own."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.migrations._renewing import renew_all


def seal(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    """Seal them anew."""
    renew_all(apps, "webhooks", "Endpoint")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("webhooks", "0001_initial")]
    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
