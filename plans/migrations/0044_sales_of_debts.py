import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Plans that were given up are sold by two operators, and single ones come back."""

    dependencies = [
        ("controls", "0025_settings_by_two"),
        ("markets", "0011_no_dead_settings"),
        ("plans", "0043_checked_day_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="BuyerPayment",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("amount_minor", models.BigIntegerField()),
                ("bank_reference", models.CharField(max_length=60, unique=True)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="DebtSale",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("currency", models.CharField(max_length=3)),
                ("buyer", models.CharField(max_length=120)),
                ("contact", models.CharField(max_length=300)),
                ("price_bps", models.PositiveIntegerField()),
                ("warranty_days", models.PositiveIntegerField()),
                ("chosen_by", models.JSONField()),
                ("made_by", models.CharField(max_length=80)),
                ("made_at", models.DateTimeField()),
                ("sold_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "sale of debts",
                "verbose_name_plural": "sales of debts",
                "permissions": [("propose_debtsale", "Can propose to sell debts"), ("confirm_debtsale", "Can decide on sales of debts")],
            },
        ),
        migrations.CreateModel(
            name="SoldPlan",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("face_minor", models.BigIntegerField()),
                ("price_minor", models.BigIntegerField()),
                ("passed_minor", models.BigIntegerField(default=0)),
                ("sold_at", models.DateTimeField(null=True)),
                ("returned_at", models.DateTimeField(null=True)),
                (
                    "return_cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("deceased", "The person had died before the sale"),
                            ("insolvent", "The person was insolvent before the sale"),
                            ("fraud", "Fraud"),
                            ("paid_before", "It was paid before the sale"),
                            ("disputed", "The debt is disputed, and rightly"),
                            ("bought_back", "We buy it back"),
                        ],
                        max_length=12,
                    ),
                ),
                ("return_minor", models.BigIntegerField(default=0)),
            ],
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="plan",
            name="given_up_by_two",
        ),
        migrations.AddField(
            model_name="plan",
            name="sold_at",
            field=models.DateTimeField(null=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="plan",
            trigger=pgtrigger.compiler.Trigger(
                name="given_up_by_two",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.status = 'charged_off' AND OLD.status <> NEW.status)",
                    func="\n        IF NOT EXISTS (\n            SELECT 1 FROM plans_chargeoff c JOIN controls_proposal p ON p.id = c.proposal_id\n            WHERE c.plan_id = NEW.id AND c.status = 'confirmed' AND p.kind = 'collection.charge_off' AND p.status = 'approved' AND p.signature <> ''\n        ) AND NOT EXISTS (\n            SELECT 1 FROM plans_receipt r JOIN controls_proposal p ON p.subject = r.plan_id::text AND p.after->>'receipt' = r.id::text\n            WHERE r.plan_id = NEW.id AND p.kind = 'collection.receipt_undone' AND p.status = 'approved' AND p.signature <> ''\n        ) AND NEW.sold_at IS NULL AND NOT EXISTS (\n            SELECT 1 FROM plans_chargeoff c WHERE c.plan_id = NEW.id AND c.reason = 'by_day'\n            AND EXISTS (SELECT 1 FROM plans_plan p WHERE p.id = NEW.id AND EXISTS (\n        SELECT 1 FROM plans_product r JOIN markets_marketsetting s ON s.market_id = r.market_id AND s.key = 'charge_off.by_day'\n        JOIN plans_installment i ON i.plan_id = p.id AND i.status = 'overdue'\n            AND i.principal_minor + i.interest_minor > i.paid_principal_minor + i.paid_interest_minor\n        WHERE r.id = p.product_id AND s.valid_from <= (c.closed_at AT TIME ZONE p.time_zone)::date AND (s.valid_to IS NULL OR s.valid_to > (c.closed_at AT TIME ZONE p.time_zone)::date)\n            AND (c.closed_at AT TIME ZONE p.time_zone)::date - i.due_date - i.paused_days >= (s.value #>> '{}')::int))\n        ) THEN\n            RAISE EXCEPTION 'a plan is given up by two operators only' USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;",
                    hash="a20240f5d4396c499804b26e4528a3fa0e9efe08",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_given_up_by_two_924b0",
                    table="plans_plan",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="plan",
            trigger=pgtrigger.compiler.Trigger(
                name="sold_as_listed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n        IF NOT (NEW.sold_at IS NOT DISTINCT FROM (\n            SELECT s.sold_at FROM plans_soldplan s WHERE s.plan_id = NEW.id AND s.sold_at IS NOT NULL AND s.returned_at IS NULL)) THEN\n            RAISE EXCEPTION 'no sale lists %', NEW.id USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;",
                    hash="d3746133d2288093775cf92c049e0993de0a7e72",
                    operation='UPDATE OF "sold_at"',
                    pgid="pgtrigger_sold_as_listed_da079",
                    table="plans_plan",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="buyerpayment",
            name="proposal",
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="controls.proposal"),
        ),
        migrations.AddField(
            model_name="debtsale",
            name="market",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="markets.market"),
        ),
        migrations.AddField(
            model_name="debtsale",
            name="proposal",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="controls.proposal"
            ),
        ),
        migrations.AddField(
            model_name="buyerpayment",
            name="sale",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="plans.debtsale"),
        ),
        migrations.AddField(
            model_name="soldplan",
            name="plan",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="sales", to="plans.plan"),
        ),
        migrations.AddField(
            model_name="soldplan",
            name="returned_by",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="controls.proposal"
            ),
        ),
        migrations.AddField(
            model_name="soldplan",
            name="sale",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="plans", to="plans.debtsale"),
        ),
        migrations.AddConstraint(
            model_name="debtsale",
            constraint=models.CheckConstraint(condition=models.Q(("price_bps__gt", 0), ("price_bps__lte", 10000)), name="debt_sale_price"),
        ),
        migrations.AddConstraint(
            model_name="debtsale",
            constraint=models.CheckConstraint(
                condition=models.Q(("sold_at", None), ("proposal__isnull", False), _connector="OR"), name="debt_sale_by_proposal"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="debtsale",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="0d339c14179a8b17bdb99c31f29005f7a67428fa",
                    operation="DELETE",
                    pgid="pgtrigger_kept_d89c4",
                    table="plans_debtsale",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="debtsale",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."buyer" IS DISTINCT FROM (NEW."buyer") OR OLD."chosen_by" IS DISTINCT FROM (NEW."chosen_by") OR OLD."contact" IS DISTINCT FROM (NEW."contact") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at") OR OLD."made_by" IS DISTINCT FROM (NEW."made_by") OR OLD."market_id" IS DISTINCT FROM (NEW."market_id") OR OLD."price_bps" IS DISTINCT FROM (NEW."price_bps") OR OLD."warranty_days" IS DISTINCT FROM (NEW."warranty_days"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="d65dd3f956f93f78247549096b7c12432612d7a4",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_5ad18",
                    table="plans_debtsale",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="debtsale",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="c7a128af641cad43b62e74e5f34512b9394e0541",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_61677",
                    table="plans_debtsale",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="debtsale",
            trigger=pgtrigger.compiler.Trigger(
                name="sold_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.sold_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="b8fb656c9a40b9a63bc259880087219d4e1405d4",
                    operation="UPDATE",
                    pgid="pgtrigger_sold_stays_ea7fa",
                    table="plans_debtsale",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="debtsale",
            trigger=pgtrigger.compiler.Trigger(
                name="sold_by_two",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n        IF NOT (NEW.sold_at IS NULL OR EXISTS (\n            SELECT 1 FROM controls_proposal p WHERE p.id = NEW.proposal_id AND p.kind = 'collection.debt_sale' AND p.subject = NEW.id::text\n            AND p.status = 'approved' AND p.signature <> '')) THEN\n            RAISE EXCEPTION 'no two operators agreed to sell %', NEW.id USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;",
                    hash="6d5ae462c4918d4b4c867830d3c06560a70b138a",
                    operation='INSERT OR UPDATE OF "sold_at", "proposal_id"',
                    pgid="pgtrigger_sold_by_two_7d531",
                    table="plans_debtsale",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="buyerpayment",
            constraint=models.CheckConstraint(condition=models.Q(("amount_minor", 0), _negated=True), name="buyer_payment_not_zero"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="buyerpayment",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="18c345c89a48ef65167420ac7501cbb3dad73727",
                    operation="DELETE",
                    pgid="pgtrigger_kept_78ff1",
                    table="plans_buyerpayment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="buyerpayment",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="fd8d7028928fb0df5e794e2231bb4878767d7ead",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_e7d3b",
                    table="plans_buyerpayment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="buyerpayment",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="f4ebbd23d66eedabd9e13be97fc560b011eecbfe",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_e368e",
                    table="plans_buyerpayment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="buyerpayment",
            trigger=pgtrigger.compiler.Trigger(
                name="paid_by_two",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n        IF NOT (EXISTS (\n            SELECT 1 FROM controls_proposal p WHERE p.id = NEW.proposal_id AND p.kind = 'collection.buyer_paid' AND p.subject = NEW.sale_id::text\n            AND p.status = 'approved' AND p.signature <> '')) THEN\n            RAISE EXCEPTION 'no two operators agreed on %', NEW.id USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;",
                    hash="80e4f2803ffa02edadf8ba29a96d2fd3051d7095",
                    operation="INSERT",
                    pgid="pgtrigger_paid_by_two_600a5",
                    table="plans_buyerpayment",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="soldplan",
            index=models.Index(fields=["plan", "-id"], name="sold_plan_of_plan"),
        ),
        migrations.AddConstraint(
            model_name="soldplan",
            constraint=models.UniqueConstraint(fields=("sale", "plan"), name="sold_plan_listed_once"),
        ),
        migrations.AddConstraint(
            model_name="soldplan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("returned_at", None), ("sold_at__isnull", False)), fields=("plan",), name="sold_plan_sold_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="soldplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("face_minor__gt", 0),
                    ("price_minor__gte", 0),
                    ("price_minor__lte", models.F("face_minor")),
                    ("passed_minor__gte", 0),
                    ("return_minor__gte", 0),
                ),
                name="sold_plan_amounts",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="soldplan",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="dd91f50e698238492613d9bdb45ce6b0d9e746a7",
                    operation="DELETE",
                    pgid="pgtrigger_kept_67bce",
                    table="plans_soldplan",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="soldplan",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."face_minor" IS DISTINCT FROM (NEW."face_minor") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."plan_id" IS DISTINCT FROM (NEW."plan_id") OR OLD."price_minor" IS DISTINCT FROM (NEW."price_minor") OR OLD."sale_id" IS DISTINCT FROM (NEW."sale_id"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="cd333fae819827047c69685042ea38ffa6791713",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_13506",
                    table="plans_soldplan",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="soldplan",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="9e164e5d38bac859e2e29533e7722ef613bcf9dd",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_d100c",
                    table="plans_soldplan",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="soldplan",
            trigger=pgtrigger.compiler.Trigger(
                name="returned_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.returned_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="9c93c0257edf5c43a099f52a536e26731f025f77",
                    operation="UPDATE",
                    pgid="pgtrigger_returned_stays_8992f",
                    table="plans_soldplan",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="soldplan",
            trigger=pgtrigger.compiler.Trigger(
                name="returned_by_two",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n        IF NOT ((NEW.sold_at IS NULL OR EXISTS (SELECT 1 FROM plans_debtsale s WHERE s.id = NEW.sale_id AND s.sold_at = NEW.sold_at))\n            AND (NEW.returned_at IS NULL OR EXISTS (\n            SELECT 1 FROM controls_proposal p WHERE p.id = NEW.returned_by_id AND p.kind = 'collection.debt_returned' AND p.subject = NEW.plan_id::text\n            AND p.status = 'approved' AND p.signature <> ''))) THEN\n            RAISE EXCEPTION 'no two operators agreed on %', NEW.id USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;",
                    hash="3655f85021b50541c40e07ccc1cd8d3a8b210bf6",
                    operation='INSERT OR UPDATE OF "sold_at", "returned_at", "returned_by_id"',
                    pgid="pgtrigger_returned_by_two_dad74",
                    table="plans_soldplan",
                    when="BEFORE",
                ),
            ),
        ),
    ]
