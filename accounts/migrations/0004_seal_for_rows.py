"""Encrypt people's data again, bound to its row, in batches with a commit for each."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.migrations._renewing import renew_all


def seal(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    """Encrypt all rows again."""
    for name in ("Consumer", "IdentityCheck", "SignInCode"):
        renew_all(apps, "accounts", name)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0003_same_person")]
    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
