import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Settlements over several plans: one offer, of which each plan has a part."""

    dependencies = [
        ("accounts", "0035_behavior"),
        ("collection", "0022_words_of_standstills"),
        ("controls", "0025_settings_by_two"),
        ("plans", "0060_papers_of_new_payments"),
    ]

    operations = [
        migrations.CreateModel(
            name="JointSettlement",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("currency", models.CharField(max_length=3)),
                ("shares", models.JSONField()),
                ("open_minor", models.BigIntegerField()),
                ("amount_minor", models.BigIntegerField()),
                ("parts", models.JSONField()),
                ("until", models.DateField()),
                ("made_by", models.CharField(max_length=80)),
                ("made_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "settlement of several debts",
                "verbose_name_plural": "settlements of several debts",
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="settlement",
            name="unchanged",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="settlement",
            name="agreed",
        ),
        migrations.AddField(
            model_name="jointsettlement",
            name="consumer",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="joint_settlements", to="accounts.consumer"
            ),
        ),
        migrations.AddField(
            model_name="jointsettlement",
            name="proposal",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="controls.proposal"
            ),
        ),
        migrations.AddField(
            model_name="settlement",
            name="joint",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="members",
                to="collection.jointsettlement",
            ),
        ),
        migrations.AddIndex(
            model_name="jointsettlement",
            index=models.Index(fields=["consumer", "-id"], name="joint_settlement_of_consumer"),
        ),
        migrations.AddIndex(
            model_name="jointsettlement",
            index=models.Index(condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="joint_settlement_due"),
        ),
        migrations.AddIndex(
            model_name="jointsettlement",
            index=models.Index(fields=["made_at"], name="joint_settlement_made"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="settlement",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."joint_id" IS DISTINCT FROM (NEW."joint_id") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at") OR OLD."made_by" IS DISTINCT FROM (NEW."made_by") OR OLD."open_minor" IS DISTINCT FROM (NEW."open_minor") OR OLD."owed_minor" IS DISTINCT FROM (NEW."owed_minor") OR OLD."parts" IS DISTINCT FROM (NEW."parts") OR OLD."plan_id" IS DISTINCT FROM (NEW."plan_id") OR OLD."proposal_id" IS DISTINCT FROM (NEW."proposal_id") OR OLD."stage" IS DISTINCT FROM (NEW."stage") OR OLD."until" IS DISTINCT FROM (NEW."until"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="b54fe9d35eaaf082c183075f31bdb0869157026c",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_daa7f",
                    table="collection_settlement",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="settlement",
            trigger=pgtrigger.compiler.Trigger(
                name="agreed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE plan plans_plan; day date; owed bigint; late int; stage text;",
                    func="\n        SELECT p.* INTO plan FROM plans_plan p WHERE p.id = NEW.plan_id;\n        day := (NEW.made_at AT TIME ZONE plan.time_zone)::date;\n        SELECT coalesce(sum(i.principal_minor + i.interest_minor + i.fees_minor\n                - i.paid_principal_minor - i.paid_interest_minor - i.paid_fees_minor), 0),\n            coalesce(max(day - i.due_date - i.paused_days) FILTER (WHERE i.status = 'overdue' OR i.due_date < day), 0)\n        INTO owed, late FROM plans_installment i WHERE i.plan_id = plan.id AND i.status IN ('scheduled', 'partially_paid', 'overdue');\n        stage := CASE WHEN plan.status = 'charged_off' THEN 'charged_off' WHEN late >= 91 THEN 'long_late' ELSE 'late' END;\n\n        IF NEW.open_minor <> owed OR NEW.stage <> stage THEN\n            RAISE EXCEPTION 'settlement % is not of what is owed', NEW.id USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        IF NEW.joint_id IS NOT NULL THEN\n            IF NEW.proposal_id IS NOT NULL OR NOT EXISTS (\n                SELECT 1 FROM collection_jointsettlement j\n                WHERE j.id = NEW.joint_id AND j.consumer_id = NEW.consumer_id AND j.made_at = NEW.made_at AND j.until = NEW.until\n                AND jsonb_build_array(NEW.plan_id::text, NEW.open_minor, NEW.amount_minor) IN (SELECT jsonb_array_elements(j.shares))\n            ) THEN\n                RAISE EXCEPTION 'no two operators agreed on settlement %', NEW.id USING ERRCODE = 'integrity_constraint_violation';\n            END IF;\n        ELSIF NEW.proposal_id IS NULL THEN\n            IF NOT EXISTS (\n                SELECT 1 FROM plans_product r JOIN markets_marketsetting s ON s.market_id = r.market_id\n                WHERE r.id = plan.product_id AND s.key = CASE stage WHEN 'late' THEN 'settlement.late' WHEN 'long_late' THEN 'settlement.long_late' WHEN 'charged_off' THEN 'settlement.charged_off' END\n                AND s.valid_from <= day AND (s.valid_to IS NULL OR s.valid_to > day)\n                AND NEW.amount_minor * 10000 >= (s.value->>'least_bps')::bigint * owed\n                AND jsonb_array_length(NEW.parts) <= (s.value->>'most_parts')::int\n            ) THEN\n                RAISE EXCEPTION 'one operator may not agree on settlement %', NEW.id USING ERRCODE = 'integrity_constraint_violation';\n            END IF;\n        ELSIF NOT EXISTS (\n            SELECT 1 FROM controls_proposal p WHERE p.id = NEW.proposal_id AND p.kind = 'collection.settlement' AND p.subject = NEW.plan_id::text\n            AND p.status = 'approved' AND p.signature <> ''\n            AND (p.after->>'amount_minor')::bigint = NEW.amount_minor AND p.after->'parts' = NEW.parts\n        ) THEN\n            RAISE EXCEPTION 'no two operators agreed on settlement %', NEW.id USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;",
                    hash="ceb5cd8db826b3ab88305f8cd97dfcc0e3d3bc81",
                    operation="INSERT",
                    pgid="pgtrigger_agreed_68c7b",
                    table="collection_settlement",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="jointsettlement",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="7f8dfc81d82f2c59c0bdd907c3a11015e40d9c11",
                    operation="DELETE",
                    pgid="pgtrigger_kept_be1c2",
                    table="collection_jointsettlement",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="jointsettlement",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at") OR OLD."made_by" IS DISTINCT FROM (NEW."made_by") OR OLD."open_minor" IS DISTINCT FROM (NEW."open_minor") OR OLD."parts" IS DISTINCT FROM (NEW."parts") OR OLD."proposal_id" IS DISTINCT FROM (NEW."proposal_id") OR OLD."shares" IS DISTINCT FROM (NEW."shares") OR OLD."until" IS DISTINCT FROM (NEW."until"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="ac5754fd028c26da8753250d86dc5a80b806f793",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_ff866",
                    table="collection_jointsettlement",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="jointsettlement",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="3e93a4b6f90a50e908767d753eef3bacc5298827",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_354e6",
                    table="collection_jointsettlement",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="jointsettlement",
            trigger=pgtrigger.compiler.Trigger(
                name="agreed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE plan plans_plan; day date; owed bigint; late int; stage text; share jsonb; before uuid; allowed jsonb; opened bigint; paid bigint; least bigint;",
                    func="\n        opened := 0; paid := 0; least := 0;\n        FOR share IN SELECT value FROM jsonb_array_elements(NEW.shares) LOOP\n            SELECT p.* INTO plan FROM plans_plan p\n            WHERE p.id = (share->>0)::uuid AND p.consumer_id = NEW.consumer_id AND p.currency = NEW.currency;\n        day := (NEW.made_at AT TIME ZONE plan.time_zone)::date;\n        SELECT coalesce(sum(i.principal_minor + i.interest_minor + i.fees_minor\n                - i.paid_principal_minor - i.paid_interest_minor - i.paid_fees_minor), 0),\n            coalesce(max(day - i.due_date - i.paused_days) FILTER (WHERE i.status = 'overdue' OR i.due_date < day), 0)\n        INTO owed, late FROM plans_installment i WHERE i.plan_id = plan.id AND i.status IN ('scheduled', 'partially_paid', 'overdue');\n        stage := CASE WHEN plan.status = 'charged_off' THEN 'charged_off' WHEN late >= 91 THEN 'long_late' ELSE 'late' END;\n\n            IF plan.id IS NULL OR plan.id <= before OR (share->>1)::bigint <> owed OR (share->>2)::bigint NOT BETWEEN 1 AND owed - 1\n                OR abs((share->>2)::numeric * NEW.open_minor - NEW.amount_minor::numeric * owed) >= NEW.open_minor THEN\n                RAISE EXCEPTION 'settlement % is not of what is owed', NEW.id USING ERRCODE = 'integrity_constraint_violation';\n            END IF;\n            before := plan.id; opened := opened + owed; paid := paid + (share->>2)::bigint;\n            allowed := NULL;\n            SELECT s.value INTO allowed FROM plans_product r JOIN markets_marketsetting s ON s.market_id = r.market_id\n                WHERE r.id = plan.product_id AND s.key = CASE stage WHEN 'late' THEN 'settlement.late' WHEN 'long_late' THEN 'settlement.long_late' WHEN 'charged_off' THEN 'settlement.charged_off' END\n                AND s.valid_from <= day AND (s.valid_to IS NULL OR s.valid_to > day);\n            IF allowed IS NULL OR jsonb_array_length(NEW.parts) > (allowed->>'most_parts')::int THEN\n                least := NULL;\n            ELSE\n                least := least + (allowed->>'least_bps')::bigint * owed;\n            END IF;\n        END LOOP;\n        IF jsonb_array_length(NEW.shares) < 2 OR opened <> NEW.open_minor OR paid <> NEW.amount_minor\n            OR (SELECT sum((value->>1)::bigint) FROM jsonb_array_elements(NEW.parts)) IS DISTINCT FROM NEW.amount_minor THEN\n            RAISE EXCEPTION 'settlement % is not of what is owed', NEW.id USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        IF NEW.proposal_id IS NULL THEN\n            IF least IS NULL OR NEW.amount_minor * 10000 < least THEN\n                RAISE EXCEPTION 'one operator may not agree on settlement %', NEW.id USING ERRCODE = 'integrity_constraint_violation';\n            END IF;\n        ELSIF NOT EXISTS (\n            SELECT 1 FROM controls_proposal p WHERE p.id = NEW.proposal_id AND p.kind = 'collection.joint_settlement' AND p.subject = (NEW.shares->0->>0)::text\n            AND p.status = 'approved' AND p.signature <> ''\n            AND (p.after->>'amount_minor')::bigint = NEW.amount_minor AND p.after->'parts' = NEW.parts\n            AND p.after->'plans' = (SELECT jsonb_agg(value->0 ORDER BY place) FROM jsonb_array_elements(NEW.shares)\n                WITH ORDINALITY AS s (value, place))\n        ) THEN\n            RAISE EXCEPTION 'no two operators agreed on settlement %', NEW.id USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;",
                    hash="4c144f1725dd4fd0e57c3f0d2a7aa1ddcb22512a",
                    operation="INSERT",
                    pgid="pgtrigger_agreed_adfd2",
                    table="collection_jointsettlement",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="jointsettlement",
            trigger=pgtrigger.compiler.Trigger(
                name="whole",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    func="\n        IF (SELECT count(*) FROM collection_settlement s WHERE s.joint_id = NEW.id) <> jsonb_array_length(NEW.shares) THEN\n            RAISE EXCEPTION 'joint settlement % misses a part', NEW.id USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NULL;",
                    hash="33571a5bd20d4be22fc98c3c99993d1584739444",
                    operation="INSERT",
                    pgid="pgtrigger_whole_ccb33",
                    table="collection_jointsettlement",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
    ]
