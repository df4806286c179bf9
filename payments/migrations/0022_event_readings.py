from django.db import migrations, models


class Migration(migrations.Migration):
    """Store how far each gateway's own list of events has been read."""

    dependencies = [("payments", "0021_payouts_that_came_back")]
    operations = [
        migrations.CreateModel(
            name="EventReading",
            fields=[
                ("gateway", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("read_until", models.DateTimeField()),
                ("since", models.DateTimeField()),
                ("page", models.CharField(blank=True, max_length=255)),
                ("newest", models.DateTimeField(null=True)),
                ("held", models.DateTimeField(null=True)),
                ("next_at", models.DateTimeField()),
                ("found", models.PositiveBigIntegerField(default=0)),
                ("read_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=120)),
            ],
        ),
    ]
