from django.db import migrations, models
from django.db.models import Q

OPEN = ["scheduled", "partially_paid", "overdue"]
# A moment that is there is when a failed one is tried again; everything else is charged from its date on. The constraints at once: a
# table with triggers that still wait cannot be altered.
MOMENTS = """
    UPDATE plans_installment i SET next_attempt_at = greatest(i.due_date::timestamp AT TIME ZONE p.time_zone, i.next_attempt_at)
    FROM plans_plan p WHERE p.id = i.plan_id AND i.status IN ('scheduled', 'partially_paid', 'overdue');
    SET CONSTRAINTS ALL IMMEDIATE;"""
AS_BEFORE = """
    UPDATE plans_installment SET next_attempt_at = NULL WHERE attempts = 0;
    SET CONSTRAINTS ALL IMMEDIATE;"""


class Migration(migrations.Migration):
    """Installments say when they are charged; what is not to be charged is in no index that the due run reads."""

    dependencies = [("plans", "0004_start_of_parts")]

    operations = [
        migrations.RunSQL(MOMENTS, AS_BEFORE),
        migrations.RemoveIndex("installment", "installment_due"),
        migrations.AddIndex(
            "installment",
            models.Index(
                fields=["next_attempt_at", "id"],
                name="installment_to_charge",
                condition=Q(status__in=OPEN, charge_id=None, next_attempt_at__isnull=False),
            ),
        ),
        migrations.AddIndex(
            "installment",
            models.Index(
                fields=["due_date", "id"],
                name="installment_in_time",
                condition=Q(status__in=["scheduled", "partially_paid"], charge_id=None),
            ),
        ),
    ]
