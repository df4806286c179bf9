from django.db import migrations, models


class Migration(migrations.Migration):
    """Messages that timers make for many people at once wait behind the others."""

    dependencies = [
        ("notifications", "0004_transitions_only"),
    ]

    operations = [
        migrations.AddField(model_name="message", name="patient", field=models.BooleanField(db_default=False, default=False)),
    ]
