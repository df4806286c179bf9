from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the kind of break for a movement that its gateway does not answer."""

    dependencies = [
        ("payments", "0025_people_found_by_card"),
    ]

    operations = [
        migrations.AlterField(
            model_name="break",
            name="kind",
            field=models.CharField(
                choices=[
                    ("answer_differs", "The gateway moved another amount"),
                    ("refund_failed", "A refund did not reach the card"),
                    ("payout_failed", "A payout did not reach the shop"),
                    ("charge_reversed", "A payment was taken back by the bank"),
                    ("pull_late", "A bank debit has not ended"),
                    ("unanswered", "The gateway has not answered"),
                    ("dispute", "A payment is disputed at the bank"),
                    ("dispute_lost", "The bank decided for the cardholder"),
                ],
                max_length=20,
            ),
        ),
    ]
