from django.db import migrations, models
from django.db.models import Q

OPEN = ["scheduled", "partially_paid", "overdue"]


class Migration(migrations.Migration):
    """Installments that are too small to be charged wait for the plan's next payment."""

    dependencies = [("plans", "0007_seal_agreements")]

    operations = [
        migrations.AddField("installment", "carried_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "installment",
            models.Index(
                fields=["plan"], name="installment_carried", condition=Q(status__in=OPEN, charge_id=None, carried_at__isnull=False)
            ),
        ),
        migrations.RemoveIndex("installment", "installment_in_time"),
        migrations.AddIndex(
            "installment",
            models.Index(
                fields=["due_date", "id"],
                name="installment_in_time",
                condition=Q(status__in=["scheduled", "partially_paid"], charge_id=None, carried_at=None),
            ),
        ),
    ]
