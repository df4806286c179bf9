"""Reasons of refunds are encrypted with the data key of the person, in batches: each is a commit of its own."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.migrations._personal import seal_for_people

PERSON = "SELECT o.consumer_id FROM checkout_order o WHERE o.id = r.order_id"


def seal(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    """Encrypt them."""
    seal_for_people(apps, "checkout", "Refund", person=PERSON)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("checkout", "0020_people_of_sealed_rows"), ("core", "0011_personal_keys")]
    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
