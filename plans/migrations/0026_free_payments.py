import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add free payments, which may be allocated anew."""

    dependencies = [
        ("markets", "0010_none_for_a_day_that_has_passed"),
        ("payments", "0047_checked_answers_of_banks"),
        ("plans", "0025_checked_deposits"),
    ]

    operations = [
        migrations.CreateModel(
            name="FreePayment",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("together", models.UUIDField(db_index=True)),
                ("value_on", models.DateField()),
                ("at", models.DateTimeField()),
            ],
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="allocation",
            name="unchanged",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="allocation",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."charge_id" IS DISTINCT FROM (NEW."charge_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."installment_id" IS DISTINCT FROM (NEW."installment_id"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="e380ec7974dde999ad6908d7bc0dc17c512e7a72",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_ad4d9",
                    table="plans_allocation",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="allocation",
            trigger=pgtrigger.compiler.Trigger(
                name="grows_freely",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."interest_minor" IS DISTINCT FROM (NEW."interest_minor") OR OLD."principal_minor" IS DISTINCT FROM (NEW."principal_minor"))',
                    func="\n        IF NEW.principal_minor < OLD.principal_minor OR NEW.interest_minor < OLD.interest_minor\n            OR NOT EXISTS (SELECT 1 FROM plans_freepayment f WHERE f.charge_id = NEW.charge_id)\n        THEN\n            RAISE EXCEPTION 'plans_allocation is append-only, unless a free payment is allocated anew' USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;",
                    hash="3af1131889f09bdf7e7db37db7ddd5e2d18c3dfb",
                    operation='UPDATE OF "principal_minor", "interest_minor"',
                    pgid="pgtrigger_grows_freely_36a7f",
                    table="plans_allocation",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="freepayment",
            name="charge",
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payments.charge"),
        ),
        migrations.AddField(
            model_name="freepayment",
            name="order",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="markets.marketsetting"
            ),
        ),
        migrations.AddField(
            model_name="freepayment",
            name="plan",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="free_payments", to="plans.plan"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="freepayment",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="375fe32c2bcd34c868efbc6a2a70c837bbb45862",
                    operation="DELETE",
                    pgid="pgtrigger_kept_25739",
                    table="plans_freepayment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="freepayment",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="87f64522089545c9987a2c04db1ba6696cf80372",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_cc22e",
                    table="plans_freepayment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="freepayment",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="b47a48405fe293d8849ab8b78119edb89acf6a19",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_c1bee",
                    table="plans_freepayment",
                    when="BEFORE",
                ),
            ),
        ),
    ]
