import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """What was refunded of an order and its captures is the sum of its refunds by the end of each transaction."""

    dependencies = [
        ("checkout", "0013_what_is_settled_stays"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="capture",
                    trigger=pgtrigger.compiler.Trigger(
                        name="capture_refunds_add_up",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."refunded_minor" IS DISTINCT FROM (NEW."refunded_minor"))',
                            constraint="CONSTRAINT",
                            func="\n    PERFORM 1 FROM checkout_order o\n    WHERE o.id = NEW.order_id AND (o.refunded_minor, o.fee_refunded_minor, o.refunded_minor) <> (\n        SELECT coalesce(sum(r.amount_minor), 0)::bigint, coalesce(sum(r.fee_minor), 0)::bigint,\n            (SELECT coalesce(sum(c.refunded_minor), 0)::bigint FROM checkout_capture c WHERE c.order_id = o.id)\n        FROM checkout_refund r WHERE r.order_id = o.id);\n    IF FOUND THEN\n        RAISE EXCEPTION '%', 'what was refunded of order ' || NEW.order_id || ' is not what its refunds say' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NULL;",
                            hash="493f0569aaa9120e430a98d6511a0c84f2f4640d",
                            operation="UPDATE",
                            pgid="pgtrigger_capture_refunds_add_up_e43b7",
                            table="checkout_capture",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="capture",
                    trigger=pgtrigger.compiler.Trigger(
                        name="capture_begins_unrefunded",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.refunded_minor <> 0)",
                            constraint="CONSTRAINT",
                            func="\n    PERFORM 1 FROM checkout_order o\n    WHERE o.id = NEW.order_id AND (o.refunded_minor, o.fee_refunded_minor, o.refunded_minor) <> (\n        SELECT coalesce(sum(r.amount_minor), 0)::bigint, coalesce(sum(r.fee_minor), 0)::bigint,\n            (SELECT coalesce(sum(c.refunded_minor), 0)::bigint FROM checkout_capture c WHERE c.order_id = o.id)\n        FROM checkout_refund r WHERE r.order_id = o.id);\n    IF FOUND THEN\n        RAISE EXCEPTION '%', 'what was refunded of order ' || NEW.order_id || ' is not what its refunds say' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NULL;",
                            hash="349d0fd6745bf1768fe8fcef124ce285e6d719ea",
                            operation="INSERT",
                            pgid="pgtrigger_capture_begins_unrefunded_d56e0",
                            table="checkout_capture",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="order",
                    trigger=pgtrigger.compiler.Trigger(
                        name="order_refunds_add_up",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."fee_refunded_minor" IS DISTINCT FROM (NEW."fee_refunded_minor") OR OLD."refunded_minor" IS DISTINCT FROM (NEW."refunded_minor"))',
                            constraint="CONSTRAINT",
                            func="\n    PERFORM 1 FROM checkout_order o\n    WHERE o.id = NEW.id AND (o.refunded_minor, o.fee_refunded_minor, o.refunded_minor) <> (\n        SELECT coalesce(sum(r.amount_minor), 0)::bigint, coalesce(sum(r.fee_minor), 0)::bigint,\n            (SELECT coalesce(sum(c.refunded_minor), 0)::bigint FROM checkout_capture c WHERE c.order_id = o.id)\n        FROM checkout_refund r WHERE r.order_id = o.id);\n    IF FOUND THEN\n        RAISE EXCEPTION '%', 'what was refunded of order ' || NEW.id || ' is not what its refunds say' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NULL;",
                            hash="b8a43c78e6a14c191c9ca644d7c00acd306c725a",
                            operation="UPDATE",
                            pgid="pgtrigger_order_refunds_add_up_03aa7",
                            table="checkout_order",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="order",
                    trigger=pgtrigger.compiler.Trigger(
                        name="order_begins_unrefunded",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.refunded_minor <> 0 OR NEW.fee_refunded_minor <> 0)",
                            constraint="CONSTRAINT",
                            func="\n    PERFORM 1 FROM checkout_order o\n    WHERE o.id = NEW.id AND (o.refunded_minor, o.fee_refunded_minor, o.refunded_minor) <> (\n        SELECT coalesce(sum(r.amount_minor), 0)::bigint, coalesce(sum(r.fee_minor), 0)::bigint,\n            (SELECT coalesce(sum(c.refunded_minor), 0)::bigint FROM checkout_capture c WHERE c.order_id = o.id)\n        FROM checkout_refund r WHERE r.order_id = o.id);\n    IF FOUND THEN\n        RAISE EXCEPTION '%', 'what was refunded of order ' || NEW.id || ' is not what its refunds say' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NULL;",
                            hash="3bf78cd74dcb6b22d92d13fb6ba7918a865470b2",
                            operation="INSERT",
                            pgid="pgtrigger_order_begins_unrefunded_b1233",
                            table="checkout_order",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="refund",
                    trigger=pgtrigger.compiler.Trigger(
                        name="refund_adds_up",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            constraint="CONSTRAINT",
                            func="\n    PERFORM 1 FROM checkout_order o\n    WHERE o.id = NEW.order_id AND (o.refunded_minor, o.fee_refunded_minor, o.refunded_minor) <> (\n        SELECT coalesce(sum(r.amount_minor), 0)::bigint, coalesce(sum(r.fee_minor), 0)::bigint,\n            (SELECT coalesce(sum(c.refunded_minor), 0)::bigint FROM checkout_capture c WHERE c.order_id = o.id)\n        FROM checkout_refund r WHERE r.order_id = o.id);\n    IF FOUND THEN\n        RAISE EXCEPTION '%', 'what was refunded of order ' || NEW.order_id || ' is not what its refunds say' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NULL;",
                            hash="3912481c6a409cf0f83ec7b55bbea019007fcea7",
                            operation="INSERT",
                            pgid="pgtrigger_refund_adds_up_dc8e8",
                            table="checkout_refund",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        )
    ]
