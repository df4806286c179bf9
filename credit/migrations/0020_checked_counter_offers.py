from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Counter-offers are checked in the rows that were there, beside their writers."""

    dependencies = [
        ("credit", "0019_counter_offers"),
    ]

    operations = [
        ValidateConstraint(model_name="decision", name="decision_counter_within"),
    ]
