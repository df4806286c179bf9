from django.db import migrations, models


class Migration(migrations.Migration):
    """A payout that seemed to come back and arrived after all is a line of a statement."""

    dependencies = [
        ("merchants", "0013_checked_brands"),
    ]

    operations = [
        migrations.AlterField(
            model_name="settlementitem",
            name="kind",
            field=models.CharField(
                choices=[
                    ("capture", "Capture"),
                    ("refund", "Refund"),
                    ("bounce", "Payout that came back"),
                    ("arrival", "Payout that arrived after all"),
                ],
                max_length=8,
            ),
        ),
    ]
