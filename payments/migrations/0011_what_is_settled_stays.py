import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """Protect settled, paid, completed and closed rows from changes."""

    dependencies = [
        ("payments", "0010_transitions_only"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.RemoveTrigger(
                    model_name="break",
                    name="unchanged",
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="authorization",
                    trigger=pgtrigger.compiler.Trigger(
                        name="answer_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN ((OLD.status = NEW.status AND OLD.status NOT IN (\'pending\', \'unknown\')) AND ((OLD."failure" IS DISTINCT FROM (NEW."failure") OR OLD."gateway_ref" IS DISTINCT FROM (NEW."gateway_ref") OR OLD."settled_at" IS DISTINCT FROM (NEW."settled_at") OR OLD."tries" IS DISTINCT FROM (NEW."tries"))))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="7f6d635c2bfb033ea7d99c07e0dc1462826c7ce8",
                            operation="UPDATE",
                            pgid="pgtrigger_answer_stays_5393a",
                            table="payments_authorization",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="authorization",
                    trigger=pgtrigger.compiler.Trigger(
                        name="number_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN ((OLD.status IN ('succeeded', 'reversed')) AND (OLD.\"gateway_ref\" IS DISTINCT FROM (NEW.\"gateway_ref\")))",
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="80a66c8c3697a6bdc3151b489513d821dd83a6fc",
                            operation="UPDATE",
                            pgid="pgtrigger_number_stays_ee626",
                            table="payments_authorization",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="break",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."detail" IS DISTINCT FROM (NEW."detail") OR OLD."gateway" IS DISTINCT FROM (NEW."gateway") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."opened_at" IS DISTINCT FROM (NEW."opened_at") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."subject" IS DISTINCT FROM (NEW."subject"))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="8e45f4838e829b5c000384f77f5a8746153ff453",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_22358",
                            table="payments_break",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="break",
                    trigger=pgtrigger.compiler.Trigger(
                        name="closed_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN ((OLD.status = 'closed') AND (OLD.* IS DISTINCT FROM NEW.*))",
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="01940c32747f1e49387642932efbffa37164ab8b",
                            operation="UPDATE",
                            pgid="pgtrigger_closed_stays_6593a",
                            table="payments_break",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="charge",
                    trigger=pgtrigger.compiler.Trigger(
                        name="answer_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN ((OLD.status = NEW.status AND OLD.status NOT IN (\'pending\', \'unknown\')) AND ((OLD."failure" IS DISTINCT FROM (NEW."failure") OR OLD."gateway_ref" IS DISTINCT FROM (NEW."gateway_ref") OR OLD."settled_at" IS DISTINCT FROM (NEW."settled_at") OR OLD."tries" IS DISTINCT FROM (NEW."tries"))))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="692a9b204bfae658586ab643209716e0bcf9d0bc",
                            operation="UPDATE",
                            pgid="pgtrigger_answer_stays_3c155",
                            table="payments_charge",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="charge",
                    trigger=pgtrigger.compiler.Trigger(
                        name="number_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN ((OLD.status IN ('succeeded', 'reversed')) AND (OLD.\"gateway_ref\" IS DISTINCT FROM (NEW.\"gateway_ref\")))",
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="3e7c3108d4df54eb052386c91ee68f785b6f2907",
                            operation="UPDATE",
                            pgid="pgtrigger_number_stays_311df",
                            table="payments_charge",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="dispute",
                    trigger=pgtrigger.compiler.Trigger(
                        name="decided_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN ((OLD.status <> \'open\') AND ((OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."charge_id" IS DISTINCT FROM (NEW."charge_id") OR OLD."closed_at" IS DISTINCT FROM (NEW."closed_at") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."gateway" IS DISTINCT FROM (NEW."gateway") OR OLD."gateway_ref" IS DISTINCT FROM (NEW."gateway_ref") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."opened_at" IS DISTINCT FROM (NEW."opened_at") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."status" IS DISTINCT FROM (NEW."status"))))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="8cff32e7aa41b91df94ee1d0507f410af9a42028",
                            operation="UPDATE",
                            pgid="pgtrigger_decided_stays_27cd5",
                            table="payments_dispute",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="payout",
                    trigger=pgtrigger.compiler.Trigger(
                        name="answer_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN ((OLD.status = NEW.status AND OLD.status NOT IN (\'pending\', \'unknown\')) AND ((OLD."failure" IS DISTINCT FROM (NEW."failure") OR OLD."gateway_ref" IS DISTINCT FROM (NEW."gateway_ref") OR OLD."settled_at" IS DISTINCT FROM (NEW."settled_at") OR OLD."tries" IS DISTINCT FROM (NEW."tries"))))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="b34aae7b81e22a6d271488f910dc471366474c04",
                            operation="UPDATE",
                            pgid="pgtrigger_answer_stays_1262d",
                            table="payments_payout",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="payout",
                    trigger=pgtrigger.compiler.Trigger(
                        name="number_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN ((OLD.status IN ('succeeded', 'reversed')) AND (OLD.\"gateway_ref\" IS DISTINCT FROM (NEW.\"gateway_ref\")))",
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="093b80f27a386324c8253124fc38388748144388",
                            operation="UPDATE",
                            pgid="pgtrigger_number_stays_c376b",
                            table="payments_payout",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="refund",
                    trigger=pgtrigger.compiler.Trigger(
                        name="answer_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN ((OLD.status = NEW.status AND OLD.status NOT IN (\'pending\', \'unknown\')) AND ((OLD."failure" IS DISTINCT FROM (NEW."failure") OR OLD."gateway_ref" IS DISTINCT FROM (NEW."gateway_ref") OR OLD."settled_at" IS DISTINCT FROM (NEW."settled_at") OR OLD."tries" IS DISTINCT FROM (NEW."tries"))))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="adc96e2c1d078c83be806419b9ac87a3a25ddc53",
                            operation="UPDATE",
                            pgid="pgtrigger_answer_stays_219ed",
                            table="payments_refund",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="refund",
                    trigger=pgtrigger.compiler.Trigger(
                        name="number_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN ((OLD.status IN ('succeeded', 'reversed')) AND (OLD.\"gateway_ref\" IS DISTINCT FROM (NEW.\"gateway_ref\")))",
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="1ca8dc8f943cfcea1df71ab1be7075285e55c24b",
                            operation="UPDATE",
                            pgid="pgtrigger_number_stays_210c8",
                            table="payments_refund",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
