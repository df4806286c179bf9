"""Encrypt the accounts of transfers with the person's data key, in batches with a commit for each."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.migrations._personal import seal_for_people

PERSON = """
    SELECT m.consumer_id FROM payments_refund f JOIN payments_charge c ON c.id = f.charge_id
    JOIN payments_paymentmethod m ON m.id = c.payment_method_id WHERE f.id = r.refund_id"""


def seal(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    """Encrypt all rows."""
    seal_for_people(apps, "payments", "Transfer", person=PERSON)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("payments", "0029_people_of_sealed_rows"), ("core", "0011_personal_keys")]
    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]
