import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Merchants belong to a brand: all so far to the first."""

    dependencies = [
        ("merchants", "0010_basket_rules_and_suspension"),
        ("brands", "0002_first_brand"),
    ]

    operations = [
        migrations.AddField(
            model_name="merchant",
            name="brand",
            field=models.ForeignKey(
                db_default="main", db_index=False, default="main", on_delete=django.db.models.deletion.PROTECT, to="brands.brand"
            ),
        ),
    ]
