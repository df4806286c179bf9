from django.db import migrations, models


class Migration(migrations.Migration):
    """How often all sessions of a user were ended."""

    dependencies = [
        ("accounts", "0040_identity_proofs"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="sessions_ended",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
    ]
