from django.db import migrations, models


class Migration(migrations.Migration):
    """A credit against fees says that a bank has the payment that had earned it; older rows say it by their amount alone."""

    dependencies = [
        ("plans", "0069_service_fees_checked"),
    ]

    operations = [
        migrations.AddField(
            model_name="feecredit",
            name="is_reversed",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
