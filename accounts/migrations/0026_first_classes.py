from datetime import UTC, datetime

from django.db import migrations

FIRST = [
    ("kind", "person", {"en": "Person", "da": "Person", "sv": "Person", "de": "Person"}),
    ("kind", "business", {"en": "Business", "da": "Virksomhed", "sv": "Företag", "de": "Unternehmen"}),
    ("risk_class", "low", {"en": "Low", "da": "Lav", "sv": "Låg", "de": "Niedrig"}),
    ("risk_class", "medium", {"en": "Medium", "da": "Mellem", "sv": "Medel", "de": "Mittel"}),
    ("risk_class", "high", {"en": "High", "da": "Høj", "sv": "Hög", "de": "Hoch"}),
    ("loyalty", "new", {"en": "New", "da": "Ny", "sv": "Ny", "de": "Neu"}),
    ("loyalty", "returning", {"en": "Returning", "da": "Tilbagevendende", "sv": "Återkommande", "de": "Wiederkehrend"}),
    ("loyalty", "loyal", {"en": "Loyal", "da": "Trofast", "sv": "Trogen", "de": "Treu"}),
    ("group", "standard", {"en": "Standard", "da": "Standard", "sv": "Standard", "de": "Standard"}),
    ("group", "staff", {"en": "Staff of ours", "da": "Egne medarbejdere", "sv": "Egna medarbetare", "de": "Eigene Mitarbeitende"}),
]
"""The classes with which an installation begins; the rules that come with the product name some of them."""
BY = "installation"


def make(apps, schema_editor):
    model = apps.get_model("accounts", "CustomerClass")
    at = datetime.now(UTC)
    for axis, code, titles in FIRST:
        model.objects.get_or_create(axis=axis, code=code, defaults={"titles": titles, "made_by": BY, "changed_by": BY, "made_at": at})


class Migration(migrations.Migration):
    # Each class is made separately, and only if it is missing, so that a repeated run changes nothing.
    atomic = False

    dependencies = [
        ("accounts", "0025_customer_classes"),
    ]

    operations = [
        migrations.RunPython(make, migrations.RunPython.noop),
    ]
