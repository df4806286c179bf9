from django.db import migrations, models


class Migration(migrations.Migration):
    """Two operators may set a limit by hand, which decisions keep to."""

    dependencies = [
        ("credit", "0006_owed_beyond_limits"),
    ]

    operations = [
        migrations.AddField(
            model_name="creditline",
            name="by_hand_minor",
            field=models.BigIntegerField(null=True),
        ),
    ]
