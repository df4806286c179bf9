from django.conf import settings
from django.db import migrations


def say_who_supervises(apps, schema_editor):
    """Fill in who supervises the first brand, where its row does not say so yet and the installation's variables do."""
    told = settings.BRAND.get("supervision", "")
    if told:
        apps.get_model("brands", "Brand").objects.filter(code="main", supervision="").update(supervision=told[:200])


class Migration(migrations.Migration):
    """A live installation says who supervises its lender."""

    # Rows are not written in a transaction that locks the table.
    atomic = False
    dependencies = [("brands", "0003_why_changed")]
    operations = [migrations.RunPython(say_who_supervises, migrations.RunPython.noop)]
