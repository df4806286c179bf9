from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Deposits are checked in the rows that were there, beside their writers."""

    dependencies = [
        ("checkout", "0033_deposits"),
    ]

    operations = [
        ValidateConstraint(model_name="checkout", name="checkout_deposit_within"),
        ValidateConstraint(model_name="order", name="order_deposit_within"),
    ]
