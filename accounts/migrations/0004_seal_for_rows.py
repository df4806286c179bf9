"""What is encrypted of people is sealed for its row, in batches: each is a commit of its own."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.migrations._renewing import renew_all


def seal(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    """Seal them anew."""
    for name in ("Consumer", "IdentityCheck", "SignInCode"):
        renew_all(apps, "accounts", name)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0003_same_person")]
    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
