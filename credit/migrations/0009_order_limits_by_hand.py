from django.db import migrations, models


class Migration(migrations.Migration):
    """Store order limits that two operators set until a day."""

    dependencies = [
        ("credit", "0008_checked_limits"),
    ]

    operations = [
        migrations.AddField(model_name="creditline", name="order_by_hand_minor", field=models.BigIntegerField(null=True)),
        migrations.AddField(model_name="creditline", name="order_by_hand_until", field=models.DateField(null=True)),
    ]
