import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Published lists of sanctions are kept in versions, and each entry from one to another."""

    dependencies = [
        ("accounts", "0036_passkeys"),
    ]

    operations = [
        migrations.CreateModel(
            name="PublishedList",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("ofac", "United States (OFAC)"),
                            ("eu", "European Union"),
                            ("un", "United Nations"),
                            ("uk", "United Kingdom"),
                        ],
                        max_length=10,
                    ),
                ),
                ("published_on", models.DateField(null=True)),
                ("loaded_at", models.DateTimeField()),
                ("entries", models.PositiveIntegerField()),
                ("added", models.PositiveIntegerField()),
                ("changed", models.PositiveIntegerField()),
                ("removed", models.PositiveIntegerField()),
            ],
            options={
                "verbose_name": "version of a list",
                "verbose_name_plural": "lists of sanctions",
                "indexes": [models.Index(fields=["source", "-id"], name="published_list_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["ofac", "eu", "un", "uk"])), name="published_list_source_known"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ListedEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("ofac", "United States (OFAC)"),
                            ("eu", "European Union"),
                            ("un", "United Nations"),
                            ("uk", "United Kingdom"),
                        ],
                        max_length=10,
                    ),
                ),
                ("entry", models.CharField(max_length=60)),
                ("is_person", models.BooleanField()),
                ("told", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                (
                    "since",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="begun", to="accounts.publishedlist"),
                ),
                (
                    "until",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="ended", to="accounts.publishedlist"
                    ),
                ),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publishedlist",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="7191c385cb85a587168453e0ed209b718c61e95e",
                    operation="DELETE",
                    pgid="pgtrigger_kept_7aa6c",
                    table="accounts_publishedlist",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publishedlist",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="92c9b3182922b0523a5a87cd792520bff08fc5fd",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_f3e85",
                    table="accounts_publishedlist",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="publishedlist",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="cbbab1548f4b16cf08cd37f2960309ed3c421750",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_2fcac",
                    table="accounts_publishedlist",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="listedentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until", None)), fields=("source", "entry"), name="listed_entry_stands_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="listedentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__in", ["ofac", "eu", "un", "uk"])), name="listed_entry_source_known"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="listedentry",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="fb61d7e8177facb90e6bf074a0f35beea0876adc",
                    operation="DELETE",
                    pgid="pgtrigger_kept_4486c",
                    table="accounts_listedentry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="listedentry",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."digest" IS DISTINCT FROM (NEW."digest") OR OLD."entry" IS DISTINCT FROM (NEW."entry") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_person" IS DISTINCT FROM (NEW."is_person") OR OLD."since_id" IS DISTINCT FROM (NEW."since_id") OR OLD."source" IS DISTINCT FROM (NEW."source") OR OLD."told" IS DISTINCT FROM (NEW."told"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="8375b95488a1acffa9fac47c195be11e3a983362",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_60b35",
                    table="accounts_listedentry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="listedentry",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="5ac41d6f1c44e789d24db95c643b9ab0a7ea7440",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_88f44",
                    table="accounts_listedentry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="listedentry",
            trigger=pgtrigger.compiler.Trigger(
                name="ended_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.until_id IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="b3b28a584128944308ad568e02a03723c97f7be7",
                    operation="UPDATE",
                    pgid="pgtrigger_ended_once_e2a71",
                    table="accounts_listedentry",
                    when="BEFORE",
                ),
            ),
        ),
    ]
