import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("controls", "0009_settings"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="proposal",
            name="unchanged",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="proposal",
            name="decided_stays",
        ),
        migrations.AddField(
            model_name="proposal",
            name="needs",
            field=models.CharField(blank=True, db_default="", default="", max_length=80),
        ),
        migrations.AddField(
            model_name="proposal",
            name="signature",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proposal",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."after" IS DISTINCT FROM (NEW."after") OR OLD."before" IS DISTINCT FROM (NEW."before") OR OLD."due_at" IS DISTINCT FROM (NEW."due_at") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."needs" IS DISTINCT FROM (NEW."needs") OR OLD."proposed_at" IS DISTINCT FROM (NEW."proposed_at") OR OLD."proposed_by" IS DISTINCT FROM (NEW."proposed_by") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."starts_on" IS DISTINCT FROM (NEW."starts_on") OR OLD."subject" IS DISTINCT FROM (NEW."subject"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="e9c7a4f6dbebb855f152e78ef387e959f60c23bb",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_7de45",
                    table="controls_proposal",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proposal",
            trigger=pgtrigger.compiler.Trigger(
                name="made_by_operator",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF NOT EXISTS (SELECT 1 FROM accounts_user u WHERE u.is_staff AND u.is_active AND u.id = CASE WHEN NEW.proposed_by ~ '^[0-9a-f]{8}-[0-9a-f-]{27}$' THEN NEW.proposed_by::uuid END) THEN\n        RAISE EXCEPTION 'no operator proposes %', NEW.id USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                    hash="577c550ff7edc226aeeb84e94d88e56da2eb8f3c",
                    operation="INSERT",
                    pgid="pgtrigger_made_by_operator_76277",
                    table="controls_proposal",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proposal",
            trigger=pgtrigger.compiler.Trigger(
                name="signed_by_another",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.status = 'proposed' AND NEW.status IN ('approved', 'applied', 'rejected'))",
                    func="\n    IF NEW.decided_by IN ('', NEW.proposed_by) THEN\n        RETURN NEW;\n    END IF;\n    IF NOT EXISTS (\n        SELECT 1 FROM accounts_user u WHERE u.is_staff AND u.is_active AND u.id = CASE WHEN NEW.decided_by ~ '^[0-9a-f]{8}-[0-9a-f-]{27}$' THEN NEW.decided_by::uuid END\n        AND (u.is_superuser OR NEW.needs = '' OR EXISTS (\n    SELECT 1 FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id\n    WHERE t.app_label || '.' || p.codename = NEW.needs AND (\n        EXISTS (SELECT 1 FROM accounts_user_user_permissions d WHERE d.user_id = u.id AND d.permission_id = p.id)\n        OR EXISTS (\n            SELECT 1 FROM accounts_user_groups g JOIN auth_group_permissions gp ON gp.group_id = g.group_id\n            WHERE g.user_id = u.id AND gp.permission_id = p.id))))\n    ) THEN\n        RAISE EXCEPTION 'nobody who may decides %', NEW.id USING ERRCODE = 'check_violation';\n    END IF;\n    IF NEW.signature = '' OR NEW.decided_at IS NULL OR NEW.decided_at >= NEW.expires_at OR NEW.decided_at < NEW.proposed_at THEN\n        RAISE EXCEPTION 'the decision on % is not signed in time', NEW.id USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                    hash="13b16cbcf5e5d4ee0c9d2118739958b36ba323d3",
                    operation="UPDATE",
                    pgid="pgtrigger_signed_by_another_22d6c",
                    table="controls_proposal",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proposal",
            trigger=pgtrigger.compiler.Trigger(
                name="decided_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((OLD.status = \'approved\') AND ((OLD."decided_at" IS DISTINCT FROM (NEW."decided_at") OR OLD."decided_by" IS DISTINCT FROM (NEW."decided_by") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."signature" IS DISTINCT FROM (NEW."signature"))))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="ab2b3c0e05b00307f083c657e290af8bcfdcd8d9",
                    operation="UPDATE",
                    pgid="pgtrigger_decided_stays_3ae79",
                    table="controls_proposal",
                    when="BEFORE",
                ),
            ),
        ),
    ]
