from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """A refusal may come with a counter-offer."""

    dependencies = [
        ("accounts", "0029_reasons_of_changed_rights"),
        ("credit", "0018_bank_visits_from_checkouts"),
    ]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="counter_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        AddConstraintNotValid(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("counter_minor", 0),
                    models.Q(("counter_minor__gt", 0), ("counter_minor__lt", models.F("amount_minor")), ("outcome", "decline")),
                    _connector="OR",
                ),
                name="decision_counter_within",
            ),
        ),
    ]
