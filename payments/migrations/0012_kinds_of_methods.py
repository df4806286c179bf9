from django.db import connection, migrations, models

BATCH = 5_000
MOVED = """shown = jsonb_build_object('brand', brand, 'last4', last4, 'exp_month', exp_month, 'exp_year', exp_year)"""
BACK = """brand = shown ->> 'brand', last4 = shown ->> 'last4', exp_month = (shown ->> 'exp_month')::int, exp_year = (shown ->> 'exp_year')::int"""
NEXT = """
    WITH batch AS (SELECT id FROM payments_paymentmethod WHERE %s::uuid IS NULL OR id > %s ORDER BY id LIMIT {batch}),
    moved AS (UPDATE payments_paymentmethod m SET {move} FROM batch WHERE m.id = batch.id)
    SELECT max(id::text)::uuid FROM batch"""


def in_batches(move):
    """Change every row, with a commit for each batch, so that nobody waits for all of them."""
    last = None
    with connection.cursor() as cursor:
        while True:
            cursor.execute(NEXT.format(batch=BATCH, move=move), [last, last])
            last = cursor.fetchone()[0]
            if last is None:
                return


def forwards(apps, schema_editor):
    """Write the `shown` value of each card."""
    in_batches(MOVED)


def backwards(apps, schema_editor):
    """Write it into the old columns again."""
    in_batches(BACK)


class Migration(migrations.Migration):
    """Give each payment method a kind, and store what people recognize it by; the card columns are copied there."""

    atomic = False
    dependencies = [
        ("payments", "0011_what_is_settled_stays"),
    ]

    operations = [
        migrations.AddField(
            model_name="paymentmethod",
            name="kind",
            field=models.CharField(
                choices=[("card", "Card"), ("bank_debit", "Bank account"), ("wallet", "Wallet")],
                db_default="card",
                default="card",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="paymentmethod",
            name="shown",
            field=models.JSONField(default=dict),
        ),
        migrations.RunPython(forwards, backwards),
    ]
