from django.db import migrations, models


class Migration(migrations.Migration):
    """Let a plan say until when what is late of it is promised."""

    dependencies = [
        ("plans", "0031_closed_days"),
    ]

    operations = [
        migrations.AddField(
            model_name="plan",
            name="promised_until",
            field=models.DateField(null=True),
        ),
    ]
