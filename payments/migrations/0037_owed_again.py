from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the turn of a refund that is owed again because its other payment was returned too."""

    dependencies = [
        ("payments", "0036_routed_by_rules"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="movementevent",
            name="movement_event_kind_known",
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
                    ("covered", "Paid in another way"),
                    ("transferred", "Paid to a bank account by hand"),
                    ("bounced", "Came back from the shop's bank"),
                    ("resent", "Sent again"),
                    ("by_hand", "Closed by two people"),
                    ("made", "Made after all, as its gateway says"),
                    ("twice", "Made a second time, as its gateway says"),
                    ("owed", "Owed again, since what had paid it came back"),
                ],
                max_length=12,
            ),
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
                            "made",
                            "twice",
                            "owed",
                        ],
                    )
                ),
                name="movement_event_kind_known",
            ),
        ),
    ]
