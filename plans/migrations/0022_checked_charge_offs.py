from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """The statuses of charge-offs are checked in the rows that were there, beside their writers."""

    dependencies = [
        ("plans", "0021_charge_offs_by_proposal"),
    ]

    operations = [
        ValidateConstraint(model_name="chargeoff", name="charge_off_status_known"),
    ]
