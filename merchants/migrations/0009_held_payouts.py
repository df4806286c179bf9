from django.db import migrations, models


class Migration(migrations.Migration):
    """A statement says that its payout is held, since a payout to the shop's account came back."""

    dependencies = [
        ("merchants", "0008_history_is_numbered"),
    ]

    operations = [
        migrations.AddField(
            model_name="settlement",
            name="held",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
