import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    """How far people come in checkouts, by its pages."""

    dependencies = [
        ("checkout", "0047_postponements"),
        ("merchants", "0017_postponements"),
    ]

    operations = [
        migrations.CreateModel(
            name="Journey",
            fields=[
                ("checkout_id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("device", models.CharField(max_length=8)),
                ("opening", models.CharField(max_length=8)),
                ("began_at", models.DateTimeField()),
                ("step", models.CharField(max_length=10)),
                ("step_at", models.DateTimeField()),
                ("steps", models.JSONField(default=dict)),
                ("errors", models.JSONField(default=dict)),
                ("again", models.CharField(blank=True, max_length=40)),
                (
                    "merchant",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="merchants.merchant"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["began_at"], name="journey_began"),
                    models.Index(fields=["step", "-began_at"], name="journey_at_step"),
                ],
            },
        ),
    ]
