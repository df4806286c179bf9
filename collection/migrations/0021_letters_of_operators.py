import core.crypto
import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Letters that operators sent to late people, word for word."""

    dependencies = [
        ("accounts", "0034_support_flags"),
        ("collection", "0020_recalls_in_areas"),
        ("markets", "0011_no_dead_settings"),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseLetter",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("words", core.crypto.EncryptedJSONField(person="consumer_id")),
                ("asks", models.BooleanField()),
                ("sent_by", models.CharField(max_length=80)),
                ("sent_at", models.DateTimeField()),
                (
                    "consumer",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="case_letters", to="accounts.consumer"
                    ),
                ),
                ("setting", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="markets.marketsetting")),
            ],
            options={
                "verbose_name": "letter by an operator",
                "verbose_name_plural": "letters by operators",
                "indexes": [
                    models.Index(fields=["consumer", "-id"], name="case_letter_of_consumer"),
                    models.Index(fields=["sent_at"], name="case_letter_sent"),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="caseletter",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="e6c1a6170ed0fce973e395c812e00eac27dbf4b9",
                    operation="DELETE",
                    pgid="pgtrigger_kept_66579",
                    table="collection_caseletter",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="caseletter",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="4c94aa74c42d26a35cda517ebe3ff0608e65749b",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_cbdf7",
                    table="collection_caseletter",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="caseletter",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="4495f6436dcc508bacd5e6d558b799778e5d1482",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_df557",
                    table="collection_caseletter",
                    when="BEFORE",
                ),
            ),
        ),
    ]
