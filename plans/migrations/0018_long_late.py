from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Plans that are late for long are found by the due dates of their late payments."""

    atomic = False
    dependencies = [("plans", "0017_charge_offs")]
    operations = [
        AddIndexConcurrently(
            model_name="installment",
            index=models.Index(
                condition=models.Q(("status", "overdue")),
                fields=["due_date", "plan"],
                name="installment_late",
            ),
        ),
    ]
