from django.db import migrations, models


class Migration(migrations.Migration):
    """Store the limit that a person sets themselves."""

    dependencies = [
        ("credit", "0010_order_limits_found_by_day"),
    ]

    operations = [
        migrations.AddField(model_name="creditline", name="own_minor", field=models.BigIntegerField(null=True)),
        migrations.AddField(model_name="creditline", name="own_at", field=models.DateTimeField(null=True)),
    ]
