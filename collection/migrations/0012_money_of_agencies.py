import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Terms of contracts with agencies by day, their shares in payments, and what they send us with its lists."""

    dependencies = [
        ("collection", "0011_ways_of_reminders"),
        ("controls", "0025_settings_by_two"),
        ("payments", "0047_checked_answers_of_banks"),
        ("plans", "0052_payments_at_agencies"),
    ]

    operations = [
        migrations.CreateModel(
            name="Commission",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("source", models.CharField(max_length=60, unique=True)),
                ("rate_bps", models.PositiveIntegerField()),
                ("base_minor", models.BigIntegerField()),
                ("commission_minor", models.BigIntegerField()),
                ("direct", models.BooleanField()),
                ("at", models.DateTimeField()),
                (
                    "agency",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="commissions", to="collection.agency"),
                ),
                ("charge", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payments.charge")),
                (
                    "placement",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="collection.placement"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Remittance",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("amount_minor", models.BigIntegerField()),
                ("net", models.BooleanField()),
                ("kept_minor", models.BigIntegerField(default=0)),
                ("bank_reference", models.CharField(max_length=60)),
                ("received_on", models.DateField()),
                ("made_by", models.CharField(max_length=80)),
                ("made_at", models.DateTimeField()),
                ("entered_at", models.DateTimeField(null=True)),
                (
                    "agency",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="remittances", to="collection.agency"),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="controls.proposal"
                    ),
                ),
            ],
            options={
                "verbose_name": "money of an agency",
                "verbose_name_plural": "money of agencies",
                "permissions": [("confirm_agencymoney", "Can decide on money of agencies")],
            },
        ),
        migrations.CreateModel(
            name="RemittanceLine",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("reference", models.CharField(max_length=60)),
                ("amount_minor", models.BigIntegerField()),
                ("share_minor", models.BigIntegerField(default=0)),
                (
                    "flaw",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unknown", "No such payment was reported"),
                            ("given_back", "It was given back to the person"),
                            ("again", "Money came for it already"),
                            ("amount", "Another amount was reported"),
                            ("share", "Its share is another one"),
                        ],
                        max_length=12,
                    ),
                ),
                ("off_minor", models.BigIntegerField(default=0)),
                (
                    "payment",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="remitted", to="plans.agencypayment"
                    ),
                ),
                (
                    "remittance",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="collection.remittance"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AgencyTerms",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("valid_from", models.DateField()),
                ("rate_bps", models.PositiveIntegerField()),
                ("counts_direct", models.BooleanField()),
                ("remits_net", models.BooleanField()),
                ("made_by", models.CharField(max_length=80)),
                ("made_at", models.DateTimeField()),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="terms", to="collection.agency"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("agency", "valid_from"), name="agency_terms_once_a_day"),
                    models.CheckConstraint(condition=models.Q(("rate_bps__lte", 10000)), name="agency_terms_share"),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="agencyterms",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="4b8b50ac8531d5c8172bd822a4df7871f15ed433",
                    operation="DELETE",
                    pgid="pgtrigger_kept_1280c",
                    table="collection_agencyterms",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="agencyterms",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="d20c918808ce0a5f4d24b8b937b6646c1f0d9cbb",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_cec75",
                    table="collection_agencyterms",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="agencyterms",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="473dd8932433f399b2a7dec577442c1b44bae0fd",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_6e714",
                    table="collection_agencyterms",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commission",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="90e64decdf83973507fbe60f5fe3c02f9aa060be",
                    operation="DELETE",
                    pgid="pgtrigger_kept_81cf2",
                    table="collection_commission",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commission",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="0f160add61f3973b84a3b6d16f5e8917b4d3603b",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_5eab1",
                    table="collection_commission",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="commission",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="7d5652f79a09cd3bd058a2cc5ced5d9cc919540e",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_0df00",
                    table="collection_commission",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="remittance",
            constraint=models.UniqueConstraint(
                condition=models.Q(("entered_at__isnull", False)), fields=("bank_reference",), name="remittance_counts_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="remittance",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("amount_minor", 0), _negated=True), models.Q(("bank_reference", ""), _negated=True)),
                name="remittance_named",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="remittance",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="c241ac3053684f438c164a0a8af4aa1ccb268464",
                    operation="DELETE",
                    pgid="pgtrigger_kept_2e45d",
                    table="collection_remittance",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="remittance",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."agency_id" IS DISTINCT FROM (NEW."agency_id") OR OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."bank_reference" IS DISTINCT FROM (NEW."bank_reference") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at") OR OLD."made_by" IS DISTINCT FROM (NEW."made_by") OR OLD."net" IS DISTINCT FROM (NEW."net") OR OLD."received_on" IS DISTINCT FROM (NEW."received_on"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="a5018552f2a13e9184c95af4f304466e0fd80cc6",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_b260c",
                    table="collection_remittance",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="remittance",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="5a59fd9abc100f9a82f8d1d4305fe88df4db571e",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_dabb7",
                    table="collection_remittance",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="remittance",
            trigger=pgtrigger.compiler.Trigger(
                name="entered_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.entered_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="d278d98a40d6cc62873608c35dff9c80df2f46f5",
                    operation="UPDATE",
                    pgid="pgtrigger_entered_stays_db1ce",
                    table="collection_remittance",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="remittance",
            trigger=pgtrigger.compiler.Trigger(
                name="remitted_by_two",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n        IF NEW.entered_at IS NOT NULL AND NOT EXISTS (\n            SELECT 1 FROM controls_proposal p WHERE p.id = NEW.proposal_id AND p.kind = 'collection.agency_remitted' AND p.subject = NEW.id::text\n            AND p.status = 'approved' AND p.signature <> '' AND (p.after->>'amount_minor')::bigint = NEW.amount_minor\n            AND p.after->>'bank_reference' = NEW.bank_reference\n        ) THEN\n            RAISE EXCEPTION 'no two operators agreed on %', NEW.id USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;",
                    hash="5ade808feb69f42bbb2777a02bf6e974d033095d",
                    operation='INSERT OR UPDATE OF "entered_at", "proposal_id"',
                    pgid="pgtrigger_remitted_by_two_f4833",
                    table="collection_remittance",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="remittanceline",
            constraint=models.UniqueConstraint(fields=("remittance", "number"), name="remittance_line_once"),
        ),
        migrations.AddConstraint(
            model_name="remittanceline",
            constraint=models.CheckConstraint(
                condition=models.Q(("payment", None), ("flaw", ""), _connector="OR"), name="remittance_line_settles_or_not"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="remittanceline",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="1dcf94d1f0c7b3196f8a913b2e6f4ef0dc102028",
                    operation="DELETE",
                    pgid="pgtrigger_kept_f6971",
                    table="collection_remittanceline",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="remittanceline",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."remittance_id" IS DISTINCT FROM (NEW."remittance_id") OR OLD."share_minor" IS DISTINCT FROM (NEW."share_minor"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="411fd899737b90c9ae31e663b0516818033d2139",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_02732",
                    table="collection_remittanceline",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="remittanceline",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="a75c345562402ea52049fc57031413cb2a0d77ca",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_3efb7",
                    table="collection_remittanceline",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="remittanceline",
            trigger=pgtrigger.compiler.Trigger(
                name="settled_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.payment_id IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="d21e7b7b4bf3b3f0189c1dfdeacd0a75c0a4cbab",
                    operation="UPDATE",
                    pgid="pgtrigger_settled_stays_97c50",
                    table="collection_remittanceline",
                    when="BEFORE",
                ),
            ),
        ),
    ]
