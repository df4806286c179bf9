from django.db import migrations


class Migration(migrations.Migration):
    """Name deliveries in the back office, which lists those that failed."""

    dependencies = [
        ("core", "0006_streams"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="delivery",
            options={"verbose_name": "undelivered event", "verbose_name_plural": "undelivered events"},
        ),
    ]
