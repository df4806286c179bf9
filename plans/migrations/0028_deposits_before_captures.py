import core.ids
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Keep the deposit of each order, which is charged before anything of it is captured."""

    dependencies = [
        ("payments", "0047_checked_answers_of_banks"),
        ("plans", "0027_allocated_anew"),
    ]

    operations = [
        migrations.CreateModel(
            name="Deposit",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("amount_minor", models.BigIntegerField()),
                ("paid_minor", models.BigIntegerField(default=0)),
                ("charge_id", models.UUIDField(null=True)),
                ("tried_id", models.UUIDField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField(null=True)),
                ("last_failure", models.CharField(blank=True, max_length=60)),
                ("paid_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "authorization",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payments.authorization"
                    ),
                ),
                ("plan", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="deposit", to="plans.plan")),
            ],
        ),
        migrations.CreateModel(
            name="DepositPayment",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("charge_id", models.UUIDField(unique=True)),
                ("amount_minor", models.BigIntegerField()),
                ("used_minor", models.BigIntegerField(default=0)),
                ("returned_minor", models.BigIntegerField(default=0)),
                ("undone_minor", models.BigIntegerField(default=0)),
                ("at", models.DateTimeField()),
                ("deposit", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="plans.deposit")),
            ],
        ),
        migrations.AddIndex(
            model_name="deposit",
            index=models.Index(
                condition=models.Q(("charge_id", None), ("ended_at", None), ("next_attempt_at__isnull", False)),
                fields=["next_attempt_at", "id"],
                name="deposit_to_charge",
            ),
        ),
        migrations.AddIndex(
            model_name="deposit",
            index=models.Index(condition=models.Q(("charge_id__isnull", False)), fields=["charge_id"], name="deposit_charge"),
        ),
        migrations.AddIndex(
            model_name="deposit",
            index=models.Index(condition=models.Q(("tried_id__isnull", False)), fields=["tried_id"], name="deposit_tried"),
        ),
        migrations.AddConstraint(
            model_name="deposit",
            constraint=models.CheckConstraint(
                condition=models.Q(("paid_minor__gte", 0), ("paid_minor__lte", models.F("amount_minor"))), name="deposit_paid_within"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="deposit",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="fdb48a18b9f74590a08d7909996248b6d95379d0",
                    operation="DELETE",
                    pgid="pgtrigger_kept_5fafa",
                    table="plans_deposit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="deposit",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."authorization_id" IS DISTINCT FROM (NEW."authorization_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."plan_id" IS DISTINCT FROM (NEW."plan_id"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="57d563a2a98edf3ae76db619cf375341c5847e35",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_09071",
                    table="plans_deposit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="deposit",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="d44b7849d1a7e6d5c191c9da3041943abb9c75bc",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_61baa",
                    table="plans_deposit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="deposit",
            trigger=pgtrigger.compiler.Trigger(
                name="ended_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((OLD.ended_at IS NOT NULL) AND (OLD."ended_at" IS DISTINCT FROM (NEW."ended_at")))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="0309c47825f0742031b21081166ac010942bf4c3",
                    operation="UPDATE",
                    pgid="pgtrigger_ended_stays_89c4f",
                    table="plans_deposit",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="depositpayment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount_minor__gt", 0),
                    ("returned_minor__gte", 0),
                    ("undone_minor__gte", 0),
                    ("used_minor__gte", 0),
                    (
                        "amount_minor__gte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(models.F("used_minor"), "+", models.F("returned_minor")),
                            "+",
                            models.F("undone_minor"),
                        ),
                    ),
                ),
                name="deposit_payment_within",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="depositpayment",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="b058eb7155aa83c31540cb8d2b3041a9c9993a3b",
                    operation="DELETE",
                    pgid="pgtrigger_kept_32f7e",
                    table="plans_depositpayment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="depositpayment",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."charge_id" IS DISTINCT FROM (NEW."charge_id") OR OLD."deposit_id" IS DISTINCT FROM (NEW."deposit_id"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="8e33d876da82778ff4e581620d5f9b04ad41c1eb",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_c4d16",
                    table="plans_depositpayment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="depositpayment",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="9a790239100e4b76088490429cc11bd078193df8",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_7f1f0",
                    table="plans_depositpayment",
                    when="BEFORE",
                ),
            ),
        ),
    ]
