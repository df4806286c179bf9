from django.db import migrations, models


class Migration(migrations.Migration):
    """Store limits that two operators set, which decisions then use."""

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
