import core.crypto
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


# Without this table nobody's data could be read again, so it can be dropped only while it is empty.
STAYS = """
    DO $$ BEGIN
        IF EXISTS (SELECT 1 FROM core_subjectkey) THEN RAISE EXCEPTION 'people''s data is encrypted with the keys in core_subjectkey'; END IF;
    END $$"""


class Migration(migrations.Migration):
    """Give each person their own data key, wrapped by the installation's key."""

    dependencies = [
        ("core", "0010_forget_events"),
    ]

    operations = [
        migrations.CreateModel(
            name="SubjectKey",
            fields=[
                ("subject", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("wrapped", core.crypto.EncryptedTextField(blank=True)),
                ("created_at", models.DateTimeField()),
                ("destroyed_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("destroyed_at__isnull", False), ("wrapped", "")),
                            models.Q(models.Q(("wrapped", ""), _negated=True), ("destroyed_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="subject_key_or_destroyed",
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="subjectkey",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="5eae7588ef015dc86140ef548f5724b112712ee0",
                    operation="DELETE",
                    pgid="pgtrigger_kept_f3cfb",
                    table="core_subjectkey",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="subjectkey",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."subject" IS DISTINCT FROM (NEW."subject"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="a89e269b9cda54d529d01a0687f3f2827bc68e00",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_a14ae",
                    table="core_subjectkey",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="subjectkey",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="54951e4893c215ec1fcc0fc22388e45be8353034",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_f455e",
                    table="core_subjectkey",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="subjectkey",
            trigger=pgtrigger.compiler.Trigger(
                name="destroyed_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.destroyed_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="36dcbe54db5c39a8702c5454654fd5f968558358",
                    operation="UPDATE",
                    pgid="pgtrigger_destroyed_stays_d579c",
                    table="core_subjectkey",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="subjectkey",
            trigger=pgtrigger.compiler.Trigger(
                name="only_destroyed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((NEW.destroyed_at IS NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="c6c1d1c5b65082b023649c77224763616f32ead6",
                    operation="UPDATE",
                    pgid="pgtrigger_only_destroyed_aa5d7",
                    table="core_subjectkey",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, STAYS),
    ]
