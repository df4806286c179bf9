import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """Rows that are evidence are neither changed nor lost, whoever asks the database for it."""

    dependencies = [
        ("webhooks", "0002_seal_for_rows"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="attempt",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="472b598eaff1ec8b6af7bcb843d9c5002573af3a",
                            operation="DELETE",
                            pgid="pgtrigger_kept_afa7a",
                            table="webhooks_attempt",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="attempt",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="592b4046300dd5a1fcddb6b3b87efc9a3362f777",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_d760a",
                            table="webhooks_attempt",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="attempt",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="ad8e9d1365e7dd05b3d13c65a6d153334d79c12a",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_1e9df",
                            table="webhooks_attempt",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="merchantevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="17823e2b702210e4aef73aaa02a9c6e59ae9ede9",
                            operation="DELETE",
                            pgid="pgtrigger_kept_1014f",
                            table="webhooks_merchantevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="merchantevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="f7cbb954c82f87a2dec5157ec5d153a6536c38f8",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_ba51c",
                            table="webhooks_merchantevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="merchantevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="3790d3a5f981fda8c2b2654f12c0c67a0cf94219",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_c02ca",
                            table="webhooks_merchantevent",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
