from importlib import import_module

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import core.ids

OLD = import_module("checkout.migrations.0029_forget_checkouts").FORGET.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
# What was shown in a checkout whose decision no longer counts, since the shop changed it, goes with the checkout.
FORGET = OLD.replace("{pgtrigger_kept_a44db}", "{pgtrigger_kept_a44db,pgtrigger_kept_07b0c}").replace(
    "), gone AS (",
    """), shown AS (
        DELETE FROM public.checkout_shownoffer s USING old WHERE s.checkout_id = old.id RETURNING 1
    ), gone AS (""",
)


class Migration(migrations.Migration):
    """Keep the plans that people are shown, as they are shown; they are forgotten with their checkout."""

    dependencies = [
        ("checkout", "0040_reviews_of_a_person"),
        ("credit", "0033_figures_that_are_over"),
    ]

    operations = [
        migrations.CreateModel(
            name="ShownOffer",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("amount_minor", models.BigIntegerField()),
                ("least_deposit_minor", models.BigIntegerField(default=0)),
                ("starts_on", models.DateField()),
                ("plans", models.JSONField()),
                ("ruled", models.JSONField(default=dict)),
                ("seal", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("checkout", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="shown", to="checkout.checkout")),
                (
                    "decision",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="credit.decision"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("decision", "seal"), name="shown_offer_once"),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0), ("least_deposit_minor__gte", 0)), name="shown_offer_positive"
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="shownoffer",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="dde87fd6ffafe58fca111dce822de927dcd536ce",
                    operation="DELETE",
                    pgid="pgtrigger_kept_07b0c",
                    table="checkout_shownoffer",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="shownoffer",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."checkout_id" IS DISTINCT FROM (NEW."checkout_id") OR OLD."decision_id" IS DISTINCT FROM (NEW."decision_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."least_deposit_minor" IS DISTINCT FROM (NEW."least_deposit_minor") OR OLD."plans" IS DISTINCT FROM (NEW."plans") OR OLD."seal" IS DISTINCT FROM (NEW."seal") OR OLD."starts_on" IS DISTINCT FROM (NEW."starts_on"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="4f83ed1214de26c45772d5ff8e948691f548f972",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_b0765",
                    table="checkout_shownoffer",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="shownoffer",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="63c93d5b39cbaca9f4a0db224fefbbbe857657c2",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_49b70",
                    table="checkout_shownoffer",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(FORGET, OLD),
    ]
