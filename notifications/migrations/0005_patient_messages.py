from django.db import migrations, models


class Migration(migrations.Migration):
    """Mark messages that timers make for many people at once, which are sent after all others."""

    dependencies = [
        ("notifications", "0004_transitions_only"),
    ]

    operations = [
        migrations.AddField(model_name="message", name="patient", field=models.BooleanField(db_default=False, default=False)),
    ]
