from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Find the time zones of plans, and the late plans of one in their order, by an index."""

    atomic = False
    dependencies = [
        ("plans", "0030_tried_before"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="installment",
            index=models.Index(condition=models.Q(("status", "overdue")), fields=["plan", "due_date"], name="installment_late_of_plan"),
        ),
        AddIndexConcurrently(
            model_name="plan",
            index=models.Index(fields=["time_zone", "id"], name="plan_of_zone"),
        ),
    ]
