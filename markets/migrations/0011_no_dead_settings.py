from django.db import migrations

KEYS = (
    *("apr.formula", "apr.decimals", "apr.tolerance_points", "withdrawal.outer_limit", "consumer_credit.applies", "consent.active"),
    *("creditworthiness.every_agreement", "assessment.valid_days", "reminder", "collection_demand.fee_minor"),
    *("default_interest.above_base_bps", "late_fee.practice_minor", "late_fee.california", "fee_cap.default_minor", "fee_cap.other_minor"),
    *("hardship", "contact.max_calls", "debit.notice_days", "debit.stop_business_days", "sca.low_value", "provisions.stage_days"),
)
_LISTED = ", ".join(f"'{key}'" for key in KEYS)
# One statement, which is a transaction of its own.
REMOVE = f"""
DO $$
BEGIN
    PERFORM set_config('pgtrigger.ignore', '{{pgtrigger_kept_a0024}}', true);
    DELETE FROM markets_marketsetting WHERE key IN ({_LISTED});
END
$$;"""  # noqa: S608  (ours)


class Migration(migrations.Migration):
    """Remove the rows of settings that nothing ever read: what reads one brings it."""

    atomic = False

    dependencies = [
        ("markets", "0010_none_for_a_day_that_has_passed"),
    ]

    operations = [
        migrations.RunSQL(REMOVE, migrations.RunSQL.noop),
    ]
