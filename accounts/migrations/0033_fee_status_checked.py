from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """All classes are on a known axis."""

    dependencies = [
        ("accounts", "0032_fee_status"),
    ]

    operations = [
        ValidateConstraint(model_name="customerclass", name="customer_class_axis"),
    ]
