import core.ids
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("controls", "0010_signatures"),
    ]

    operations = [
        migrations.CreateModel(
            name="Absence",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("person", models.CharField(max_length=80)),
                ("stand_in", models.CharField(blank=True, max_length=80)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("reason", models.CharField(max_length=500)),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "absence",
                "verbose_name_plural": "absences",
                "indexes": [models.Index(condition=models.Q(("ended_at__isnull", True)), fields=["ends_on"], name="absence_to_come")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("stand_in", models.F("person")), _negated=True), name="absence_not_by_oneself"
                    ),
                    models.CheckConstraint(condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="absence_has_days"),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="absence",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="1642500a9d383abb17905a80cd1a52feff119156",
                    operation="DELETE",
                    pgid="pgtrigger_kept_1dc7a",
                    table="controls_absence",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="absence",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."ends_on" IS DISTINCT FROM (NEW."ends_on") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at") OR OLD."person" IS DISTINCT FROM (NEW."person") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."stand_in" IS DISTINCT FROM (NEW."stand_in") OR OLD."starts_on" IS DISTINCT FROM (NEW."starts_on"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="4a163108a5ffa1014640d4d51197aa6cc5038489",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_857d9",
                    table="controls_absence",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="absence",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="a2df85c0b096dc96f64ee6e915a3679117a8082a",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_69c08",
                    table="controls_absence",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="absence",
            trigger=pgtrigger.compiler.Trigger(
                name="ended_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((OLD.ended_at IS NOT NULL) AND (OLD."ended_at" IS DISTINCT FROM (NEW."ended_at")))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="e728928ba720844d33b7c392b0445e6b5ada8ff2",
                    operation="UPDATE",
                    pgid="pgtrigger_ended_stays_59856",
                    table="controls_absence",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="absence",
            trigger=pgtrigger.compiler.Trigger(
                name="of_operators",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF NOT EXISTS (SELECT 1 FROM accounts_user u WHERE u.is_staff AND u.is_active AND u.id = CASE WHEN NEW.person ~ '^[0-9a-f]{8}-[0-9a-f-]{27}$' THEN NEW.person::uuid END)\n    OR (NEW.stand_in <> '' AND NOT EXISTS (SELECT 1 FROM accounts_user u WHERE u.is_staff AND u.is_active AND u.id = CASE WHEN NEW.stand_in ~ '^[0-9a-f]{8}-[0-9a-f-]{27}$' THEN NEW.stand_in::uuid END)) THEN\n        RAISE EXCEPTION 'absence % is of operators', NEW.id USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                    hash="b9484d18dd524d4d499225e073f88fe9b8d98aed",
                    operation="INSERT",
                    pgid="pgtrigger_of_operators_79b04",
                    table="controls_absence",
                    when="BEFORE",
                ),
            ),
        ),
    ]
