from django.db import migrations

# Orders that are open have a deposit from now on: what of the rest to be captured is one, charged before its hold lapses.
OPEN = """
    INSERT INTO plans_deposit (id, plan_id, authorization_id, amount_minor, paid_minor, attempts, next_attempt_at, last_failure, created_at)
    SELECT uuidv7(), o.plan_id, o.authorization_id, o.deposit_minor, 0, 0, coalesce(a.created_at, o.created_at) + interval '6 days', '', o.created_at
    FROM checkout_order o LEFT JOIN payments_authorization a ON a.id = o.authorization_id
    WHERE o.deposit_minor > 0 AND o.status IN ('pending_review', 'authorized', 'partially_captured')
    ON CONFLICT DO NOTHING"""


class Migration(migrations.Migration):
    """Orders that are open keep their deposits, beside their writers."""

    atomic = False
    dependencies = [
        ("checkout", "0035_held_for_registers"),
        ("plans", "0028_deposits_before_captures"),
    ]

    operations = [
        migrations.RunSQL(OPEN, migrations.RunSQL.noop),
    ]
