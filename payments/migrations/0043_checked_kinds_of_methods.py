from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """Validate the kinds of existing payment methods, without blocking writers."""

    dependencies = [
        ("payments", "0042_own_transfers"),
    ]

    operations = [
        ValidateConstraint(model_name="paymentmethod", name="payment_method_kind_known"),
    ]
