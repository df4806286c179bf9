from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """No fee is more than its agreement asks, with what a credit paid of it."""

    atomic = False

    dependencies = [
        ("plans", "0063_fee_credits"),
    ]

    operations = [
        ValidateConstraint(model_name="fee", name="fee_credit_used_within"),
    ]
