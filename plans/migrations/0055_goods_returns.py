import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Goods that people have sent back to shops, and the payments that wait for it."""

    dependencies = [
        ("plans", "0054_settled_for_less"),
    ]

    operations = [
        migrations.CreateModel(
            name="GoodsReturn",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("tracking", models.CharField(blank=True, max_length=40)),
                ("until", models.DateField()),
                ("dates", models.JSONField()),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ended_by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("refund", "Refunded"),
                            ("denied", "The shop takes nothing back"),
                            ("kept", "The person keeps the goods"),
                            ("time", "The shop did not answer in time"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "denial",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("missing", "Nothing has arrived"),
                            ("condition", "It was used or damaged"),
                            ("too_late", "It was sent back too late"),
                            ("excluded", "It cannot be sent back"),
                        ],
                        max_length=10,
                    ),
                ),
                ("plan", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="goods_return", to="plans.plan")),
            ],
            options={
                "verbose_name": "return under way",
                "verbose_name_plural": "returns under way",
                "indexes": [models.Index(condition=models.Q(("ended_at", None)), fields=["until"], name="goods_return_open")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("ended_by", "")),
                            models.Q(("ended_at__gte", models.F("at")), models.Q(("ended_by", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="goods_return_ends_by_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("denial", ""), models.Q(("ended_by", "denied"), _negated=True)),
                            models.Q(models.Q(("denial", ""), _negated=True), ("ended_by", "denied")),
                            _connector="OR",
                        ),
                        name="goods_return_denied_with_reason",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="goodsreturn",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="dcc663b282ba9b83ce1d6e92d602887065b4d5cd",
                    operation="DELETE",
                    pgid="pgtrigger_kept_35c5f",
                    table="plans_goodsreturn",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="goodsreturn",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."dates" IS DISTINCT FROM (NEW."dates") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."plan_id" IS DISTINCT FROM (NEW."plan_id") OR OLD."tracking" IS DISTINCT FROM (NEW."tracking") OR OLD."until" IS DISTINCT FROM (NEW."until"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="71087ff9420eed5b1e1fd14fdcc8e779b1bdfdcf",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_9f4f5",
                    table="plans_goodsreturn",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="goodsreturn",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="ba00472db3f92fe45a8ec14d1fde33f82cb9f9c9",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_bedfc",
                    table="plans_goodsreturn",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="goodsreturn",
            trigger=pgtrigger.compiler.Trigger(
                name="ended_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.ended_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="212a73d3738e07040a64d897801c77d1e17d887b",
                    operation="UPDATE",
                    pgid="pgtrigger_ended_stays_bb678",
                    table="plans_goodsreturn",
                    when="BEFORE",
                ),
            ),
        ),
    ]
