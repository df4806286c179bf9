import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Agencies that collect debts that were given up."""

    dependencies = [
        ("collection", "0007_reminders"),
        ("markets", "0011_no_dead_settings"),
        ("plans", "0045_reasons_of_versions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Agency",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120)),
                ("contact", models.CharField(max_length=300)),
                ("rate_bps", models.PositiveIntegerField()),
                ("notice_days", models.PositiveIntegerField()),
                ("least_days", models.PositiveIntegerField()),
                ("least_minor", models.BigIntegerField()),
                ("most_minor", models.BigIntegerField()),
                ("made_by", models.CharField(max_length=80)),
                ("made_at", models.DateTimeField()),
                ("stopped_by", models.CharField(blank=True, max_length=80)),
                ("stopped_at", models.DateTimeField(null=True)),
                (
                    "market",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="markets.market"),
                ),
            ],
            options={
                "verbose_name": "agency",
                "verbose_name_plural": "agencies",
                "permissions": [("manage_agency", "Can make contracts with agencies, and place and recall debts")],
            },
        ),
        migrations.CreateModel(
            name="Placement",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("face_minor", models.BigIntegerField()),
                ("placed_by", models.CharField(max_length=80)),
                ("told_at", models.DateTimeField()),
                ("placed_on", models.DateField()),
                (
                    "recall_cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("by_hand", "An operator recalled it"),
                            ("paid", "It is paid"),
                            ("sold", "It was sold"),
                            ("standstill", "Collecting stands still for the person"),
                        ],
                        max_length=12,
                    ),
                ),
                ("recalled_by", models.CharField(blank=True, max_length=80)),
                ("recalled_at", models.DateTimeField(null=True)),
                (
                    "agency",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="placements", to="collection.agency"),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="placements", to="plans.plan"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="agency",
            constraint=models.CheckConstraint(
                condition=models.Q(("least_minor__gt", 0), ("most_minor__gte", models.F("least_minor")), ("rate_bps__lte", 10000)),
                name="agency_terms",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="agency",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="780a3178ff0f9e07fdd1282dcd2022c84219d333",
                    operation="DELETE",
                    pgid="pgtrigger_kept_9c89c",
                    table="collection_agency",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="agency",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."contact" IS DISTINCT FROM (NEW."contact") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."least_days" IS DISTINCT FROM (NEW."least_days") OR OLD."least_minor" IS DISTINCT FROM (NEW."least_minor") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at") OR OLD."made_by" IS DISTINCT FROM (NEW."made_by") OR OLD."market_id" IS DISTINCT FROM (NEW."market_id") OR OLD."most_minor" IS DISTINCT FROM (NEW."most_minor") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."notice_days" IS DISTINCT FROM (NEW."notice_days") OR OLD."rate_bps" IS DISTINCT FROM (NEW."rate_bps"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="727a8ee105dc6acd13270f0bcb7d4c4614b68718",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_c4f2c",
                    table="collection_agency",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="agency",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="e23fffc9653db2a8b1a8c99412f84a56b6d272d6",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_e651a",
                    table="collection_agency",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="agency",
            trigger=pgtrigger.compiler.Trigger(
                name="stopped_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.stopped_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="87e5bb6713af2feb58d27b76e92ce34e9c9dcc90",
                    operation="UPDATE",
                    pgid="pgtrigger_stopped_stays_ad5ec",
                    table="collection_agency",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="placement",
            index=models.Index(fields=["plan", "-id"], name="placement_of_plan"),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.UniqueConstraint(condition=models.Q(("recalled_at", None)), fields=("plan",), name="placement_one_at_a_time"),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("recall_cause", ""), ("recalled_at", None)), ("recalled_at__isnull", False), _connector="OR"),
                name="placement_recalled_whole",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="placement",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="e03f919a3647d1ff5d539bb8aa98fcc609de40d4",
                    operation="DELETE",
                    pgid="pgtrigger_kept_d4da1",
                    table="collection_placement",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="placement",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."agency_id" IS DISTINCT FROM (NEW."agency_id") OR OLD."face_minor" IS DISTINCT FROM (NEW."face_minor") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."placed_by" IS DISTINCT FROM (NEW."placed_by") OR OLD."placed_on" IS DISTINCT FROM (NEW."placed_on") OR OLD."plan_id" IS DISTINCT FROM (NEW."plan_id") OR OLD."told_at" IS DISTINCT FROM (NEW."told_at"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="926358cde0b199124b181d8bb97ac6667a3385f0",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_da7d8",
                    table="collection_placement",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="placement",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="73072805cd88e401e1edd55ae15e73a361c7c2ca",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_19936",
                    table="collection_placement",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="placement",
            trigger=pgtrigger.compiler.Trigger(
                name="recalled_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.recalled_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="029b0d5a57fd64d58a909124baf71b37161371ad",
                    operation="UPDATE",
                    pgid="pgtrigger_recalled_stays_06ce4",
                    table="collection_placement",
                    when="BEFORE",
                ),
            ),
        ),
    ]
