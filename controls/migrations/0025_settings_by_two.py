import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


MADE = """
    CREATE FUNCTION public.setting_takes_one(text) RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $settings$ SELECT false $settings$"""


class Migration(migrations.Migration):
    """The database takes a dangerous setting from two people only; every setting until `migrate` has told at its end which ones are not."""

    dependencies = [
        ("controls", "0024_trials_by_value"),
    ]

    operations = [
        migrations.RunSQL(MADE, "DROP FUNCTION public.setting_takes_one(text)"),
        pgtrigger.migrations.AddTrigger(
            model_name="settingchange",
            trigger=pgtrigger.compiler.Trigger(
                name="agreed_by_two",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF NOT public.setting_takes_one(NEW.name) AND (NEW.actor NOT LIKE 'proposal:%' OR NOT EXISTS (\n        SELECT 1 FROM controls_proposal p WHERE p.kind = 'controls.setting' AND p.subject = NEW.name\n        AND p.status = 'approved' AND p.signature <> '' AND (p.after->>'value')::bigint IS NOT DISTINCT FROM NEW.value\n    )) THEN\n        RAISE EXCEPTION 'no two operators agreed on setting %', NEW.name USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NEW;",
                    hash="9f5219cd75bf34203350421a9025270e0f230125",
                    operation="INSERT",
                    pgid="pgtrigger_agreed_by_two_73bb8",
                    table="controls_settingchange",
                    when="BEFORE",
                ),
            ),
        ),
    ]
