from datetime import UTC, datetime

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import migrations, models

CLASSES = [
    ("late", {"en": "Late payer", "da": "Betaler for sent", "sv": "Betalar för sent", "de": "Zahlt zu spät"}),
    ("new", {"en": "New", "da": "Ny", "sv": "Ny", "de": "Neu"}),
    ("standard", {"en": "Standard", "da": "Standard", "sv": "Standard", "de": "Standard"}),
    ("loyal", {"en": "Loyal", "da": "Trofast", "sv": "Trogen", "de": "Treu"}),
]
AXIS, BY = "fee_status", "installation"


def make(apps, schema_editor):
    model = apps.get_model("accounts", "CustomerClass")
    at = datetime.now(UTC)
    for code, titles in CLASSES:
        model.objects.get_or_create(axis=AXIS, code=code, defaults={"titles": titles, "made_by": BY, "changed_by": BY, "made_at": at})


class Migration(migrations.Migration):
    """People have a fee status, which rules give them as they give other classes."""

    # Indexes are made beside other work; each class is made only if it is missing, so that a repeated run changes nothing.
    atomic = False

    dependencies = [
        ("accounts", "0031_forget_screenings"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="customerclass", name="customer_class_axis"),
        AddConstraintNotValid(
            model_name="customerclass",
            constraint=models.CheckConstraint(
                condition=models.Q(("axis__in", ["group", "kind", "risk_class", "loyalty", "region", "fee_status"])),
                name="customer_class_axis",
            ),
        ),
        AddIndexConcurrently(
            model_name="consumer",
            index=models.Index(condition=models.Q(("classes__fee_status", "late")), fields=["id"], name="consumer_paying_late"),
        ),
        migrations.RunPython(make, migrations.RunPython.noop),
    ]
