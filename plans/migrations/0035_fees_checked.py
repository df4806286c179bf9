from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    """Find late plans by their zone, and check the fees of the installments that were there; both beside their writers."""

    atomic = False
    dependencies = [
        ("plans", "0034_fees"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="plan",
            index=models.Index(condition=models.Q(("late_since__isnull", False)), fields=["time_zone", "id"], name="plan_late"),
        ),
        ValidateConstraint(model_name="installment", name="installment_fees_within"),
    ]
