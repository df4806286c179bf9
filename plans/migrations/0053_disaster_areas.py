import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Areas that a disaster hit, agreed on by two people, and the plans that are paused for them."""

    dependencies = [
        ("controls", "0025_settings_by_two"),
        ("markets", "0011_no_dead_settings"),
        ("plans", "0052_payments_at_agencies"),
    ]

    operations = [
        migrations.CreateModel(
            name="DisasterArea",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120)),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("flood", "A flood"),
                            ("storm", "A storm"),
                            ("fire", "A fire"),
                            ("earthquake", "An earthquake"),
                            ("other", "Something else"),
                        ],
                        max_length=10,
                    ),
                ),
                ("codes", models.JSONField()),
                ("text", models.CharField(max_length=300)),
                ("until", models.DateField()),
                ("at", models.DateTimeField()),
                ("walked", models.UUIDField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "market",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="markets.market"),
                ),
                ("proposal", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="controls.proposal")),
            ],
            options={
                "verbose_name": "disaster area",
                "verbose_name_plural": "disaster areas",
            },
        ),
        migrations.CreateModel(
            name="AreaPause",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("days", models.PositiveSmallIntegerField()),
                ("dates", models.JSONField()),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "plan",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="area_pauses", to="plans.plan"
                    ),
                ),
                ("area", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="pauses", to="plans.disasterarea")),
            ],
            options={
                "verbose_name": "pause of a plan in a disaster area",
                "verbose_name_plural": "pauses of plans in disaster areas",
            },
        ),
        migrations.AddIndex(
            model_name="disasterarea",
            index=models.Index(condition=models.Q(("done_at", None)), fields=["id"], name="disaster_area_to_walk"),
        ),
        migrations.AddIndex(
            model_name="disasterarea",
            index=models.Index(fields=["until"], name="disaster_area_until"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="disasterarea",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="1045b5c9140cc5103abd8a35173e0f3ac1113200",
                    operation="DELETE",
                    pgid="pgtrigger_kept_528d7",
                    table="plans_disasterarea",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="disasterarea",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."cause" IS DISTINCT FROM (NEW."cause") OR OLD."codes" IS DISTINCT FROM (NEW."codes") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."market_id" IS DISTINCT FROM (NEW."market_id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."proposal_id" IS DISTINCT FROM (NEW."proposal_id") OR OLD."text" IS DISTINCT FROM (NEW."text") OR OLD."until" IS DISTINCT FROM (NEW."until"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="d0ea52944a691542e00a9d7ae96a449c9a0bc71c",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_34dc1",
                    table="plans_disasterarea",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="disasterarea",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="6ef708e1ef95c545ece10bbee430ccb38a13395b",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_0b3e8",
                    table="plans_disasterarea",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="disasterarea",
            trigger=pgtrigger.compiler.Trigger(
                name="done_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.done_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="fe41f8f3b1b80c4914b47a3d86adb3267992a3df",
                    operation="UPDATE",
                    pgid="pgtrigger_done_stays_58836",
                    table="plans_disasterarea",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="areapause",
            index=models.Index(fields=["plan", "area"], name="area_pause_of_plan"),
        ),
        migrations.AddConstraint(
            model_name="areapause",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_at", None), ("ended_at__gte", models.F("at")), _connector="OR"), name="area_pause_ends_later"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="areapause",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="f7e94c789c79b974c19ad97759825e01cafd64a3",
                    operation="DELETE",
                    pgid="pgtrigger_kept_00190",
                    table="plans_areapause",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="areapause",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."area_id" IS DISTINCT FROM (NEW."area_id") OR OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."dates" IS DISTINCT FROM (NEW."dates") OR OLD."days" IS DISTINCT FROM (NEW."days") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."plan_id" IS DISTINCT FROM (NEW."plan_id"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="eb57585849d61fd4fb0eef7ab08bee60f4004998",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_695c5",
                    table="plans_areapause",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="areapause",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="6296cb3d7ba395dd2efcd941f932b066e6ade284",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_e996a",
                    table="plans_areapause",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="areapause",
            trigger=pgtrigger.compiler.Trigger(
                name="ended_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.ended_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="282852bff7acb97fdc607d9039a1d75277625523",
                    operation="UPDATE",
                    pgid="pgtrigger_ended_stays_1e2a9",
                    table="plans_areapause",
                    when="BEFORE",
                ),
            ),
        ),
    ]
