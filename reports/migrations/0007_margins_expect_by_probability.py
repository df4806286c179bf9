from django.db import migrations, models


class Migration(migrations.Migration):
    """Margins count the open money for which decisions stored a probability, and how much of it is in a default by that."""

    dependencies = [
        ("reports", "0006_provisions"),
    ]

    operations = [
        migrations.AddField(model_name="margin", name="defaults_minor", field=models.BigIntegerField(db_default=0, default=0)),
        migrations.AddField(model_name="margin", name="rated_minor", field=models.BigIntegerField(db_default=0, default=0)),
    ]
