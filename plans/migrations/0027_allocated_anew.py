import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    """A free payment that is allocated anew may pay less of an installment, too."""

    dependencies = [
        ("plans", "0026_free_payments"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="allocation",
            name="grows_freely",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="allocation",
            trigger=pgtrigger.compiler.Trigger(
                name="allocated_anew",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."interest_minor" IS DISTINCT FROM (NEW."interest_minor") OR OLD."principal_minor" IS DISTINCT FROM (NEW."principal_minor"))',
                    func="\n        IF NOT EXISTS (SELECT 1 FROM plans_freepayment f WHERE f.charge_id = NEW.charge_id) THEN\n            RAISE EXCEPTION 'plans_allocation is append-only, unless a free payment is allocated anew' USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;",
                    hash="09611cb57f710fa89c390612e96e22c43152e750",
                    operation='UPDATE OF "principal_minor", "interest_minor"',
                    pgid="pgtrigger_allocated_anew_29b03",
                    table="plans_allocation",
                    when="BEFORE",
                ),
            ),
        ),
    ]
