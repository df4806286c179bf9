import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Documents of new payments that are no relief."""

    dependencies = [
        ("plans", "0059_checked_shop_interest"),
    ]

    operations = [
        migrations.AlterField(
            model_name="reliefpaper",
            name="relief",
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="paper", to="plans.hardship"),
        ),
    ]
