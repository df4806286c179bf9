from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Who or what decided held orders is checked in the rows that were there, beside their writers."""

    dependencies = [
        ("checkout", "0038_held_for_checks"),
    ]

    operations = [
        ValidateConstraint(model_name="orderreview", name="review_approved_by_whom_or_what"),
        ValidateConstraint(model_name="orderreview", name="review_rejected_by_whom_or_what"),
    ]
