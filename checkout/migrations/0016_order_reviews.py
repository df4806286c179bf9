"""What holds an order is its review: the model, its table, what stands at it, and the permissions take that name."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

TRIGGERS = (
    "kept",
    "unchanged",
    "not_emptied",
    "status_moves",
    "status_begins",
    "hold_decided_once",
    "hold_review_is_real",
    "hold_reason_is_a_cause",
    "hold_decided_by_operators",
)
CHECKS = ("hold_two_people", "hold_status_known", "hold_approved_by_whom", "hold_rejected_by_whom")
INDEXES = ("by_status", "decided", "words")
RENAMED = """
    UPDATE auth_permission p SET codename = m.after
    FROM (VALUES
        ('prepare_hold', 'prepare_review'), ('decide_hold', 'decide_review'),
        ('add_hold', 'add_orderreview'), ('change_hold', 'change_orderreview'),
        ('delete_hold', 'delete_orderreview'), ('view_hold', 'view_orderreview')
    ) AS m (before, after), django_content_type t
    WHERE t.id = p.content_type_id AND t.app_label = 'checkout' AND p.codename = m.before;
    UPDATE core_delivery SET handler = 'notifications.handlers.on_review_prepared' WHERE handler = 'notifications.handlers.on_hold_prepared';
"""
BACK = """
    UPDATE auth_permission p SET codename = m.before
    FROM (VALUES
        ('prepare_hold', 'prepare_review'), ('decide_hold', 'decide_review'),
        ('add_hold', 'add_orderreview'), ('change_hold', 'change_orderreview'),
        ('delete_hold', 'delete_orderreview'), ('view_hold', 'view_orderreview')
    ) AS m (before, after), django_content_type t
    WHERE t.id = p.content_type_id AND t.app_label = 'checkout' AND p.codename = m.after;
    UPDATE core_delivery SET handler = 'notifications.handlers.on_hold_prepared' WHERE handler = 'notifications.handlers.on_review_prepared';
"""


class Migration(migrations.Migration):
    """Held orders have reviews."""

    dependencies = [
        ("checkout", "0015_held_orders_move_nothing"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("core", "0007_undelivered_events"),
    ]

    operations = [
        *(pgtrigger.migrations.RemoveTrigger(model_name="hold", name=name) for name in TRIGGERS),
        pgtrigger.migrations.RemoveTrigger(model_name="order", name="order_review_is_over"),
        *(migrations.RemoveConstraint(model_name="hold", name=name) for name in CHECKS),
        *(migrations.RenameIndex(model_name="hold", old_name=f"hold_{name}", new_name=f"review_{name}") for name in INDEXES),
        migrations.RenameModel("Hold", "OrderReview"),
        migrations.AlterModelOptions(
            name="orderreview",
            options={
                "verbose_name": "held order",
                "permissions": [("prepare_review", "Can prepare held orders"), ("decide_review", "Can approve or reject held orders")],
            },
        ),
        migrations.AlterField(
            model_name="orderreview",
            name="order",
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="review", to="checkout.order"),
        ),
        migrations.AddConstraint(
            model_name="orderreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("prepared_by__isnull", True),
                    models.Q(
                        models.Q(
                            ("approved_by__isnull", True),
                            models.Q(("approved_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        models.Q(
                            ("rejected_by__isnull", True),
                            models.Q(("rejected_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="review_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderreview",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["waiting", "prepared", "approved", "rejected", "closed"])), name="review_status_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "approved"), _negated=True),
                    models.Q(("approved_by__isnull", False), ("prepared_by__isnull", False), ("rejected_by__isnull", True)),
                    models.Q(
                        ("approved_by__isnull", True), ("reason", "referred"), ("rejected_by__isnull", True), ("source_review", "approve")
                    ),
                    _connector="OR",
                ),
                name="review_approved_by_whom",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "rejected"), _negated=True),
                    models.Q(("approved_by__isnull", True), ("prepared_by__isnull", False), ("rejected_by__isnull", False)),
                    models.Q(("approved_by__isnull", True), ("rejected_by__isnull", True), ("source_review", "decline")),
                    _connector="OR",
                ),
                name="review_rejected_by_whom",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_review_is_over",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.status = 'pending_review' AND NEW.status NOT IN ('pending_review', 'voided', 'expired'))",
                    func="\n    PERFORM 1 FROM checkout_orderreview h\n    WHERE h.order_id = NEW.id AND h.status = CASE NEW.status WHEN 'rejected' THEN 'rejected' ELSE 'approved' END;\n    IF NOT FOUND THEN\n        RAISE EXCEPTION '%', 'held order ' || NEW.id || ' is not decided so' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                    hash="43038a383bfc7d06184aa76ea704394d096e8556",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_order_review_is_over_25bca",
                    table="checkout_order",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderreview",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="6167efd58caf3ffecb46239d65df4c735b2c2832",
                    operation="DELETE",
                    pgid="pgtrigger_kept_d6aa9",
                    table="checkout_orderreview",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderreview",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."causes" IS DISTINCT FROM (NEW."causes") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."order_id" IS DISTINCT FROM (NEW."order_id"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="cec95de64e69a0b9e1e5b70b279e14dade83c272",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_364c6",
                    table="checkout_orderreview",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderreview",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="bf856845982185f51ad8c9676bc337788cbf7637",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_dd0bb",
                    table="checkout_orderreview",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderreview",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('prepared', 'approved'), ('prepared', 'closed'), ('prepared', 'rejected'), ('waiting', 'approved'), ('waiting', 'closed'), ('waiting', 'prepared'), ('waiting', 'rejected')))",
                    func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="02e85aee90f270cc4964022b657c9454e4517e1a",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_status_moves_1dc24",
                    table="checkout_orderreview",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderreview",
            trigger=pgtrigger.compiler.Trigger(
                name="status_begins",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.\"status\" NOT IN ('waiting'))",
                    func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="00604768ca96cdc77e8a1470142d7933038da65e",
                    operation="INSERT",
                    pgid="pgtrigger_status_begins_727d8",
                    table="checkout_orderreview",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderreview",
            trigger=pgtrigger.compiler.Trigger(
                name="review_decided_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.\"status\" IN ('approved', 'rejected', 'closed'))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="a623fa19d0be03a18db7bd538a87a4378165b4dc",
                    operation="UPDATE",
                    pgid="pgtrigger_review_decided_once_05a3b",
                    table="checkout_orderreview",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderreview",
            trigger=pgtrigger.compiler.Trigger(
                name="review_is_real",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.source_review <> '')",
                    declare="DECLARE said text;",
                    func="\n    SELECT r.outcome INTO said FROM credit_referral r\n    JOIN checkout_order o ON o.decision_id = r.decision_id\n    JOIN credit_decision d ON d.id = r.decision_id\n    JOIN credit_inquiry i ON i.id = d.inquiry_id\n    WHERE o.id = NEW.order_id AND r.resolved_by = 'source' AND d.consumer_id = o.consumer_id AND i.consumer_id = d.consumer_id\n        AND i.provider_ref <> '' AND i.provider_ref = d.provider_ref AND i.answered_at >= i.asked_at;\n    IF said IS DISTINCT FROM NEW.source_review THEN\n        RAISE EXCEPTION '%', 'no review of its own says that of held order ' || NEW.id USING ERRCODE = 'check_violation';\n    END IF;\n    IF NEW.status = 'approved' AND NEW.approved_by_id IS NULL AND EXISTS (\n        SELECT 1 FROM jsonb_array_elements(NEW.causes) AS c (cause) WHERE cause ->> 'reason' <> 'referred'\n    ) THEN\n        RAISE EXCEPTION '%', 'held order ' || NEW.id || ' waits for people' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                    hash="3781e698388f01b188612777419549093e71bb32",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_review_is_real_784c4",
                    table="checkout_orderreview",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderreview",
            trigger=pgtrigger.compiler.Trigger(
                name="review_reason_is_a_cause",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.reason IS DISTINCT FROM OLD.reason OR NEW.rule IS DISTINCT FROM OLD.rule)",
                    declare="DECLARE first jsonb;",
                    func="\n    SELECT c.cause INTO first FROM jsonb_array_elements(NEW.causes) WITH ORDINALITY AS c (cause, number)\n    WHERE c.cause ->> 'reason' <> 'referred' ORDER BY c.number LIMIT 1;\n    IF NEW.source_review <> 'approve' OR (NEW.reason, NEW.rule) IS DISTINCT FROM (first ->> 'reason', first ->> 'rule') THEN\n        RAISE EXCEPTION '%', 'held order ' || NEW.id || ' was not held for that' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                    hash="2808de12fb636e12f78243b5d479a73fc9bed5b3",
                    operation="UPDATE",
                    pgid="pgtrigger_review_reason_is_a_cause_d3249",
                    table="checkout_orderreview",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderreview",
            trigger=pgtrigger.compiler.Trigger(
                name="review_decided_by_operators",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (coalesce(NEW.prepared_by_id, NEW.approved_by_id, NEW.rejected_by_id) IS NOT NULL)",
                    declare="DECLARE people uuid[];",
                    func="\n    people := ARRAY[NEW.approved_by_id, NEW.rejected_by_id];\n    IF TG_OP = 'INSERT' OR NEW.prepared_by_id IS DISTINCT FROM OLD.prepared_by_id THEN\n        people := people || NEW.prepared_by_id;\n    END IF;\n    IF EXISTS (\n        SELECT 1 FROM unnest(people) AS p (id) LEFT JOIN accounts_user u ON u.id = p.id AND u.is_staff AND u.is_active\n        WHERE p.id IS NOT NULL AND u.id IS NULL\n    ) THEN\n        RAISE EXCEPTION '%', 'held order ' || NEW.id || ' is decided by operators' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                    hash="c56377a028099da3d150ed604f99b4900f9bd3bd",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_review_decided_by_operators_2fad1",
                    table="checkout_orderreview",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(RENAMED, BACK),
    ]
