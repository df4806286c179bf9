import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    """No decision approves while a match of the person with a list is open or confirmed."""

    dependencies = [
        ("credit", "0029_kinds_of_checks"),
        ("accounts", "0030_screening"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="decision",
            trigger=pgtrigger.compiler.Trigger(
                name="approves_nobody_stopped",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.outcome = 'approve')",
                    func="\n    PERFORM pg_advisory_xact_lock_shared(hashtextextended('screening:' || coalesce(c.person_id, c.id)::text, 0))\n    FROM accounts_consumer c WHERE c.id = NEW.consumer_id;\n    PERFORM 1 FROM accounts_consumer me\n    JOIN accounts_consumer c ON c.id = coalesce(me.person_id, me.id) OR c.person_id = coalesce(me.person_id, me.id)\n    JOIN accounts_screeningmatch m ON m.consumer_id = c.id AND m.status IN ('open', 'confirmed')\n    WHERE me.id = NEW.consumer_id LIMIT 1;\n    IF FOUND THEN\n        RAISE EXCEPTION '% % is not approved while a check of the person is open', TG_TABLE_NAME, NEW.id USING ERRCODE = 'check_violation';\n    END IF; RETURN NEW;",
                    hash="2e99836187570bb97e48e0811c572845cd971ce3",
                    operation="INSERT",
                    pgid="pgtrigger_approves_nobody_stopped_7dceb",
                    table="credit_decision",
                    when="BEFORE",
                ),
            ),
        ),
    ]
