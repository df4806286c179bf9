from django.db import migrations, models


class Migration(migrations.Migration):
    """Store when a gateway ended the mandate of a removed bank account."""

    dependencies = [
        ("payments", "0022_event_readings"),
    ]

    operations = [
        migrations.AddField(model_name="paymentmethod", name="ended_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="paymentmethod", name="claimed_until", field=models.DateTimeField(null=True)),
    ]
