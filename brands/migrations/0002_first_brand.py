from django.conf import settings
from django.db import migrations
from django.utils import timezone

QUARTER = "~M9 0v9H0V4.5A4.5 4.5 0 0 1 4.5 0z\nM9 0h4.5A4.5 4.5 0 0 1 18 4.5v9a4.5 4.5 0 0 1-4.5 4.5h-9A4.5 4.5 0 0 1 0 13.5V9h9z"


def make_first(apps, schema_editor):
    """Make the brand that everything belongs to so far of the installation's variables; it is edited in the back office from then on."""
    now, told = timezone.now(), settings.BRAND
    apps.get_model("brands", "Brand").objects.get_or_create(
        code="main",
        defaults={
            "name": told["name"],
            "legal_name": told["legal_name"],
            "address": told["address"],
            "color": told["brand_color"].lower(),
            "mark": QUARTER,
            "mail_address": settings.DEFAULT_FROM_EMAIL,
            "support_email": told["support_email"],
            "created_at": now,
            "changed_at": now,
            "changed_by": "install",
        },
    )


class Migration(migrations.Migration):
    """The brand of an installation before it has others."""

    # Rows are not written in a transaction that locks the table.
    atomic = False
    dependencies = [("brands", "0001_brands")]
    operations = [migrations.RunPython(make_first, migrations.RunPython.noop)]
