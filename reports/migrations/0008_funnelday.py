import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """How many checkouts of a day reached each page."""

    dependencies = [
        ("merchants", "0017_postponements"),
        ("reports", "0007_margins_expect_by_probability"),
    ]

    operations = [
        migrations.CreateModel(
            name="FunnelDay",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("device", models.CharField(max_length=8)),
                ("opening", models.CharField(max_length=8)),
                ("step", models.CharField(max_length=10)),
                ("reached", models.IntegerField()),
                ("stopped", models.IntegerField()),
                ("spent", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ("errors", models.JSONField(default=dict)),
                ("counted_at", models.DateTimeField()),
                (
                    "merchant",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="merchants.merchant"
                    ),
                ),
            ],
            options={
                "verbose_name": "checkout funnel",
                "constraints": [models.UniqueConstraint(fields=("day", "merchant", "device", "opening", "step"), name="funnel_day_once")],
            },
        ),
    ]
