import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# Until now nobody but the data source's review decided without a person. The constraints at once: a table with triggers that still wait
# cannot be altered.
KNOWN = """
    UPDATE checkout_hold SET
        causes = jsonb_build_array(jsonb_build_object('reason', reason, 'rule', rule)),
        version = CASE WHEN prepared_by_id IS NULL THEN 0 ELSE 1 END;
    UPDATE checkout_hold SET
        source_review = CASE status WHEN 'approved' THEN 'approve' ELSE 'decline' END,
        source_reviewed_at = decided_at
    WHERE status IN ('approved', 'rejected') AND approved_by_id IS NULL AND rejected_by_id IS NULL;
    SET CONSTRAINTS ALL IMMEDIATE;"""


class Migration(migrations.Migration):
    """Held orders keep all that holds them and the data source's review; the database refuses a decision that nobody else has made."""

    dependencies = [
        ("checkout", "0002_lists"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="hold",
            name="causes",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="hold",
            name="source_review",
            field=models.CharField(blank=True, choices=[("approve", "Approve"), ("decline", "Decline")], max_length=8),
        ),
        migrations.AddField(
            model_name="hold",
            name="source_reviewed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="hold",
            name="version",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name="hold",
            trigger=pgtrigger.compiler.Trigger(
                name="hold_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="24de93298454dbd74dc24ca22c5b713d479e8855",
                    operation="DELETE",
                    pgid="pgtrigger_hold_kept_fdd93",
                    table="checkout_hold",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="hold",
            trigger=pgtrigger.compiler.Trigger(
                name="hold_decided_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.\"status\" IN ('approved', 'rejected', 'closed'))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="24e719dcacd992ce05ac7c41b03476af23b02c9e",
                    operation="UPDATE",
                    pgid="pgtrigger_hold_decided_once_83e1c",
                    table="checkout_hold",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="hold",
            trigger=pgtrigger.compiler.Trigger(
                name="hold_review_is_real",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.source_review <> '')",
                    declare="DECLARE said text;",
                    func="\n    SELECT r.outcome INTO said FROM credit_referral r JOIN checkout_order o ON o.decision_id = r.decision_id\n    WHERE o.id = NEW.order_id AND r.resolved_by = 'source';\n    IF said IS DISTINCT FROM NEW.source_review THEN\n        RAISE EXCEPTION 'no review of its own says that of held order %', NEW.id USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                    hash="300d38347640dff8e7897c97c1e0913b2d2a1bcc",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_hold_review_is_real_528be",
                    table="checkout_hold",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_review_is_over",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.status = 'pending_review' AND NEW.status NOT IN ('pending_review', 'voided', 'expired'))",
                    func="\n    PERFORM 1 FROM checkout_hold h\n    WHERE h.order_id = NEW.id AND h.status = CASE NEW.status WHEN 'rejected' THEN 'rejected' ELSE 'approved' END;\n    IF NOT FOUND THEN\n        RAISE EXCEPTION 'held order % is not decided so', NEW.id USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                    hash="f894d195e3516cf7403151f590a4212b0057de3e",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_order_review_is_over_25bca",
                    table="checkout_order",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "approved"), _negated=True),
                    models.Q(("approved_by__isnull", False), ("prepared_by__isnull", False), ("rejected_by__isnull", True)),
                    models.Q(
                        ("approved_by__isnull", True), ("reason", "referred"), ("rejected_by__isnull", True), ("source_review", "approve")
                    ),
                    _connector="OR",
                ),
                name="hold_approved_by_whom",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "rejected"), _negated=True),
                    models.Q(("approved_by__isnull", True), ("prepared_by__isnull", False), ("rejected_by__isnull", False)),
                    models.Q(("approved_by__isnull", True), ("rejected_by__isnull", True), ("source_review", "decline")),
                    _connector="OR",
                ),
                name="hold_rejected_by_whom",
            ),
        ),
    ]
