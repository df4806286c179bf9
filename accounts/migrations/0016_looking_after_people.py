import core.crypto
import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


# Owned by the role that migrates, which alone can skip the table's guard: rows that are too young stay, whatever the caller asks for.
FORGET = """
CREATE FUNCTION public.forget_looks(before timestamptz, most integer) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    deleted bigint;
    ignored text := coalesce(current_setting('pgtrigger.ignore', true), '');
BEGIN
    PERFORM set_config('pgtrigger.ignore', '{pgtrigger_kept_db0ab}', true);
    WITH old AS MATERIALIZED (
        SELECT r.id FROM public.accounts_look r WHERE r.at < least(before, now() - interval '365 days')
        ORDER BY r.at LIMIT least(most, 10000) FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM public.accounts_look r USING old WHERE r.id = old.id RETURNING 1
    )
    SELECT count(*) INTO deleted FROM gone;
    PERFORM set_config('pgtrigger.ignore', ignored, true);
    RETURN deleted;
END
$$;
REVOKE ALL ON FUNCTION public.forget_looks(timestamptz, integer) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    """Let operators find people by name, write notes and block; log each look at personal data; store the language and way of consents."""

    dependencies = [
        ("accounts", "0015_language"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="consumer",
            options={
                "permissions": [
                    ("view_person", "Can find people, and see their names, contacts, messages and notes"),
                    ("look_after_person", "Can write notes about people, and block or unblock them"),
                ]
            },
        ),
        migrations.AddField(
            model_name="consent",
            name="given",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="consent",
            name="how",
            field=models.CharField(
                blank=True,
                choices=[("checkout", "At a checkout"), ("account", "In the account"), ("operator", "By an operator")],
                db_default="",
                default="",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="language",
            field=models.CharField(blank=True, db_default="", default="", max_length=8),
        ),
        migrations.CreateModel(
            name="Look",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "page",
                    models.CharField(
                        choices=[
                            ("find", "Search"),
                            ("person", "Person"),
                            ("timeline", "Timeline"),
                            ("looks", "Who looked"),
                            ("order", "Order"),
                            ("plan", "Plan"),
                            ("charge", "Charge"),
                            ("decision", "Decision"),
                            ("held_order", "Held order"),
                            ("request", "Request"),
                            ("charge_off", "Charge-off"),
                            ("break", "Money that needs a person"),
                            ("work_list", "Work list"),
                        ],
                        max_length=12,
                    ),
                ),
                ("purpose_hash", models.CharField(blank=True, max_length=64)),
                ("address", models.CharField(blank=True, max_length=45, verbose_name="from")),
                ("at", models.DateTimeField()),
                (
                    "consumer",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="looks", to="accounts.consumer"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="looks", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NamePart",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("part", models.UUIDField()),
                (
                    "consumer",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="name_parts", to="accounts.consumer"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("text", core.crypto.EncryptedTextField(person="consumer_id")),
                ("once", models.CharField(max_length=40, unique=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "consumer",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="notes", to="accounts.consumer"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Block",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("stolen_identity", "Somebody else may be using the identity"),
                            ("fraud", "Suspicion of fraud"),
                            ("own_wish", "The person wishes it"),
                            ("guardian", "A guardian or court decides for the person"),
                            ("deceased", "The person has died"),
                            ("other", "Another reason, see the note"),
                        ],
                        max_length=16,
                    ),
                ),
                ("note", core.crypto.EncryptedTextField(blank=True, person="consumer_id")),
                ("blocked_at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lifted_note", core.crypto.EncryptedTextField(blank=True, person="consumer_id")),
                (
                    "blocked_by",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "consumer",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="blocks", to="accounts.consumer"
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["consumer", "-id"], name="block_newest")],
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("lifted_at__isnull", True)), fields=("consumer",), name="block_one"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lifted_at__isnull", True), ("lifted_by__isnull", True)),
                            models.Q(
                                ("lifted_at__gte", models.F("blocked_at")), ("lifted_at__isnull", False), ("lifted_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="block_lifted_by_somebody",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="block",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="05b2c0e10f18ee6c47544f0d18cf86af08167ae3",
                    operation="DELETE",
                    pgid="pgtrigger_kept_8f5fb",
                    table="accounts_block",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="block",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."blocked_at" IS DISTINCT FROM (NEW."blocked_at") OR OLD."blocked_by_id" IS DISTINCT FROM (NEW."blocked_by_id") OR OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."reason" IS DISTINCT FROM (NEW."reason"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="9725937cda3e37bc7095421c1adf68ae276b6431",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_e4c7c",
                    table="accounts_block",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="block",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="7a22220ed87d6adabcdb918dd62cfc97f7d63e59",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_5d0bb",
                    table="accounts_block",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="block",
            trigger=pgtrigger.compiler.Trigger(
                name="lifted_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.lifted_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="fdb8035040b619ec0f475a9ea7783778d77483f6",
                    operation="UPDATE",
                    pgid="pgtrigger_lifted_stays_4c5e3",
                    table="accounts_block",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="look",
            index=models.Index(condition=models.Q(("consumer__isnull", False)), fields=["consumer", "-id"], name="look_at_consumer"),
        ),
        migrations.AddIndex(
            model_name="look",
            index=models.Index(fields=["user", "-at"], name="look_of_user"),
        ),
        migrations.AddIndex(
            model_name="look",
            index=models.Index(fields=["at"], name="look_age"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="look",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="d0db96f9354ef28a58d2856e31a4cb31214af8da",
                    operation="DELETE",
                    pgid="pgtrigger_kept_db0ab",
                    table="accounts_look",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="look",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="45d9014edbba6d9aecfc0ac957797c582167ddc5",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_caae1",
                    table="accounts_look",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="look",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="107585ee0118bf44d181a905c059b3f874c1240d",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_55f60",
                    table="accounts_look",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="namepart",
            constraint=models.UniqueConstraint(fields=("part", "consumer"), name="name_part_once"),
        ),
        migrations.AddIndex(
            model_name="note",
            index=models.Index(fields=["consumer", "-id"], name="note_newest"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="note",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="8e9c7e517b6de29aac6fe0804d2c47ccc27ee177",
                    operation="DELETE",
                    pgid="pgtrigger_kept_36158",
                    table="accounts_note",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="note",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="62b0839c5f4b87b96d7138710e266a9b67006ee1",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_6c5c6",
                    table="accounts_note",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="note",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="95eecf9fb8fec5f429b66a5f4122a3598d6b56fa",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_d101a",
                    table="accounts_note",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(FORGET, "DROP FUNCTION public.forget_looks(timestamptz, integer);"),
    ]
