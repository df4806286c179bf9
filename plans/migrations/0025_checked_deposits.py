from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Deposits are checked in the rows that were there, beside their writers."""

    dependencies = [
        ("plans", "0024_deposits_and_audiences"),
    ]

    operations = [
        ValidateConstraint(model_name="plan", name="plan_deposit_within"),
        ValidateConstraint(model_name="product", name="product_audience_known"),
    ]
