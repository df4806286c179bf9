import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

# Owned by whoever migrates, who alone may pass over the guards of both tables: what is too young stays whatever is asked for.
FORGET = """
CREATE FUNCTION public.forget_budgets(before timestamptz, most integer) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    deleted bigint;
    old uuid[];
    ignored text := coalesce(current_setting('pgtrigger.ignore', true), '');
BEGIN
    PERFORM set_config('pgtrigger.ignore', '{pgtrigger_kept_74b37,pgtrigger_unchanged_66797,pgtrigger_closed_stays_7a59f}', true);
    SELECT array_agg(b.id) INTO old FROM (
        SELECT r.id FROM public.plans_budget r WHERE r.at < least(before, now() - interval '365 days')
        ORDER BY r.at LIMIT least(most, 10000) FOR UPDATE SKIP LOCKED) b;
    UPDATE public.plans_reliefoffer SET budget_id = NULL WHERE budget_id = ANY(old);
    WITH gone AS (DELETE FROM public.plans_budget WHERE id = ANY(old) RETURNING 1) SELECT count(*) INTO deleted FROM gone;
    PERFORM set_config('pgtrigger.ignore', ignored, true);
    RETURN deleted;
END
$$;
REVOKE ALL ON FUNCTION public.forget_budgets(timestamptz, integer) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    """Budgets of people in hardship are forgotten after some time; the offers that rested on them stay."""

    atomic = False

    dependencies = [
        ("plans", "0048_agreements_on_new_payments"),
    ]

    operations = [
        AddIndexConcurrently(model_name="budget", index=models.Index(fields=["at"], name="budget_age")),
        AddIndexConcurrently(
            model_name="reliefoffer",
            index=models.Index(fields=["budget"], name="relief_offer_budget", condition=models.Q(("budget__isnull", False))),
        ),
        migrations.AlterField(
            model_name="reliefoffer",
            name="budget",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="offers", to="plans.budget"
            ),
        ),
        migrations.RunSQL(FORGET, "DROP FUNCTION public.forget_budgets(timestamptz, integer);"),
    ]
