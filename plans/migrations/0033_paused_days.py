from django.db import migrations, models


class Migration(migrations.Migration):
    """Leave the days on which a plan was stopped out of the days past due of its installments."""

    dependencies = [
        ("plans", "0032_promised_until"),
    ]

    operations = [
        migrations.AddField(
            model_name="installment",
            name="paused_days",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
    ]
