from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Let two people close a movement that its gateway does not answer; an answer that contradicts them opens a break."""

    dependencies = [
        ("payments", "0030_accounts_of_people"),
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
                    ("contradicted", "The gateway says otherwise than two people"),
                    ("dispute", "A payment is disputed at the bank"),
                    ("dispute_lost", "The bank decided for the cardholder"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="movementevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("reversed", "Taken back by the bank"),
                    ("reinstated", "With us again"),
                    ("fee", "Fee of the gateway"),
                    ("fee_returned", "Fee of the gateway given back"),
                    ("returned", "Came back from the card's bank"),
                    ("covered", "Paid by what the bank took back"),
                    ("transferred", "Paid to a bank account by hand"),
                    ("bounced", "Came back from the shop's bank"),
                    ("resent", "Sent again"),
                    ("by_hand", "Closed by two people"),
                ],
                max_length=12,
            ),
        ),
        migrations.RemoveConstraint(
            model_name="movementevent",
            name="movement_event_kind_known",
        ),
        AddConstraintNotValid(
            model_name="movementevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "reversed",
                            "reinstated",
                            "fee",
                            "fee_returned",
                            "returned",
                            "covered",
                            "transferred",
                            "bounced",
                            "resent",
                            "by_hand",
                        ],
                    )
                ),
                name="movement_event_kind_known",
            ),
        ),
    ]
