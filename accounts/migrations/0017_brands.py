import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Consumers belong to a brand: all so far to the first."""

    dependencies = [
        ("accounts", "0016_looking_after_people"),
        ("brands", "0002_first_brand"),
    ]

    operations = [
        migrations.AddField(
            model_name="consumer",
            name="brand",
            field=models.ForeignKey(
                db_default="main", db_index=False, default="main", on_delete=django.db.models.deletion.PROTECT, to="brands.brand"
            ),
        ),
    ]
